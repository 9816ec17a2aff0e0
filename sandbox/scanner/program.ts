/**
 * BuildKit's scanner protocol over syft's packages, as the published scanner implements it: the image's root file system, and further
 * stages where there are any, give one in-toto statement with SPDX each. Source: BuildKit, docs/attestations/sbom-protocol.md.
 */
export const scannerSource = (version: string): string => `package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/anchore/syft/syft"
	"github.com/anchore/syft/syft/cataloging/filecataloging"
	"github.com/anchore/syft/syft/cataloging/pkgcataloging"
	"github.com/anchore/syft/syft/format/spdxjson"
	"github.com/anchore/syft/syft/source"
	"github.com/anchore/syft/syft/source/directorysource"
)

type statement struct {
	Type          string          \`json:"_type"\`
	PredicateType string          \`json:"predicateType"\`
	Subject       []struct{}      \`json:"subject"\`
	Predicate     json.RawMessage \`json:"predicate"\`
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	folders := []string{os.Getenv("BUILDKIT_SCAN_SOURCE")}
	if extras := os.Getenv("BUILDKIT_SCAN_SOURCE_EXTRAS"); extras != "" {
		entries, err := os.ReadDir(extras)
		if err != nil {
			return err
		}
		for _, entry := range entries {
			folders = append(folders, filepath.Join(extras, entry.Name()))
		}
	}
	for _, folder := range folders {
		if err := write(ctx, folder); err != nil {
			return fmt.Errorf("scanning %s: %w", folder, err)
		}
	}
	return nil
}

func write(ctx context.Context, folder string) error {
	predicate, err := scan(ctx, folder)
	if err != nil {
		return err
	}
	text, err := json.Marshal(statement{
		Type:          "https://in-toto.io/Statement/v0.1",
		PredicateType: "https://spdx.dev/Document",
		Subject:       []struct{}{},
		Predicate:     predicate,
	})
	if err != nil {
		return err
	}
	file := filepath.Join(os.Getenv("BUILDKIT_SCAN_DESTINATION"), filepath.Base(folder)+".spdx.json")
	return os.WriteFile(file, text, 0o644)
}

func scan(ctx context.Context, folder string) ([]byte, error) {
	from, err := directorysource.New(directorysource.Config{
		Path:  folder,
		Base:  folder,
		Alias: source.Alias{Name: filepath.Base(folder)},
	})
	if err != nil {
		return nil, err
	}
	catalogers := pkgcataloging.NewSelectionRequest().
		WithDefaults(pkgcataloging.ImageTag, filecataloging.FileTag).
		WithAdditions("sbom-cataloger")
	config := syft.DefaultCreateSBOMConfig().WithCatalogerSelection(catalogers).WithTool("syft", "${version}")
	found, err := syft.CreateSBOM(ctx, from, config)
	if err != nil {
		return nil, err
	}
	encoder, err := spdxjson.NewFormatEncoderWithConfig(spdxjson.DefaultEncoderConfig())
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = encoder.Encode(&text, *found)
	return text.Bytes(), err
}
`;
