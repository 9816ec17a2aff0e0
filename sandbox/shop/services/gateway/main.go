// The shop's front door.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
)

// Set by the linker.
var channel = "local"

func main() {
	address := ":" + setting("PORT", "8080")
	log.Printf("gateway listens on %s", address)
	log.Fatal(http.ListenAndServe(address, routes()))
}

func routes() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("content-type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"service": "gateway", "revision": revision, "channel": channel})
	})
	routes.Handle("/api/", http.StripPrefix("/api", passTo(setting("API_URL", "http://api:3000"))))
	routes.Handle("/jobs", passTo(setting("WORKER_URL", "http://worker:3001")))
	routes.Handle("/", http.FileServer(http.Dir(setting("SITE", "/srv/www"))))
	return routes
}

func passTo(address string) http.Handler {
	target, err := url.Parse(address)
	if err != nil {
		log.Fatalf("%q is no URL: %v", address, err)
	}
	return httputil.NewSingleHostReverseProxy(target)
}

func setting(name, otherwise string) string {
	if value, ok := os.LookupEnv(name); ok {
		return value
	}
	return otherwise
}
