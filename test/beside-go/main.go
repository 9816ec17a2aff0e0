// Says what Go and BuildKit's own packages make of patterns: a case a line on standard input, an answer a line on standard output.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	gofs "io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"
	"github.com/tonistiigi/fsutil"
	"github.com/tonistiigi/fsutil/types"
)

type question struct {
	// Ignore is an ignore file, walked over Paths.
	Ignore *string `json:"ignore,omitempty"`
	// Match is a pattern of path.Match, tried on each of Paths.
	Match *string `json:"match,omitempty"`
	// Pattern is a shell pattern as a regular expression: what it removes from the beginning of each of Paths.
	Prefix *string `json:"prefix,omitempty"`
	// Replace is the same, and what ReplaceAllString makes of each of Paths.
	Replace *string  `json:"replace,omitempty"`
	With    string   `json:"with,omitempty"`
	Paths   []string `json:"paths"`
}

type answer struct {
	// Refused: before anything is matched, or by the walk.
	Refused string `json:"refused,omitempty"`
	// Kept are positions in Paths.
	Kept  []int    `json:"kept,omitempty"`
	Texts []string `json:"texts,omitempty"`
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(nil, 64<<20)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	encoder := json.NewEncoder(out)
	for in.Scan() {
		var asked question
		if err := json.Unmarshal(in.Bytes(), &asked); err != nil {
			panic(err)
		}
		if err := encoder.Encode(reply(asked)); err != nil {
			panic(err)
		}
	}
	if err := in.Err(); err != nil {
		panic(err)
	}
}

func reply(asked question) answer {
	switch {
	case asked.Ignore != nil:
		return walk(*asked.Ignore, asked.Paths)
	case asked.Match != nil:
		return match(*asked.Match, asked.Paths)
	case asked.Prefix != nil:
		return trim(*asked.Prefix, asked.Paths)
	default:
		return replace(*asked.Replace, asked.With, asked.Paths)
	}
}

func match(pattern string, paths []string) answer {
	var found answer
	for index, each := range paths {
		isMatch, err := path.Match(pattern, each)
		if err != nil {
			return answer{Refused: "syntax"}
		}
		if isMatch {
			found.Kept = append(found.Kept, index)
		}
	}
	return found
}

func trim(expression string, texts []string) answer {
	compiled := regexp.MustCompile(expression)
	var found answer
	for _, text := range texts {
		if at := compiled.FindStringIndex(text); at != nil {
			text = text[at[1]:]
		}
		found.Texts = append(found.Texts, text)
	}
	return found
}

func replace(expression, with string, texts []string) answer {
	compiled := regexp.MustCompile(expression)
	var found answer
	for _, text := range texts {
		found.Texts = append(found.Texts, compiled.ReplaceAllString(text, with))
	}
	return found
}

func walk(text string, paths []string) answer {
	patterns, err := ignorefile.ReadAll(strings.NewReader(text))
	if err != nil {
		return answer{Refused: "file"}
	}
	if _, err := patternmatcher.New(patterns); err != nil {
		return answer{Refused: "syntax"}
	}
	filtered, err := fsutil.NewFilterFS(newTree(paths), &fsutil.FilterOpt{ExcludePatterns: patterns})
	if err != nil {
		return answer{Refused: "syntax"}
	}
	positions := map[string]int{}
	for index, each := range paths {
		positions[each] = index
	}
	var found answer
	err = filtered.Walk(context.Background(), "/", func(each string, entry gofs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if index, isFile := positions[each]; isFile {
			found.Kept = append(found.Kept, index)
		}
		return nil
	})
	if err != nil {
		return answer{Refused: "walk"}
	}
	sort.Ints(found.Kept)
	return found
}

// tree is a file system of paths, walked in the order in which BuildKit walks a folder.
type tree struct {
	entries map[string][]string
	files   map[string]bool
}

func newTree(paths []string) *tree {
	made := &tree{entries: map[string][]string{}, files: map[string]bool{}}
	seen := map[string]bool{}
	for _, each := range paths {
		made.files[each] = true
		for each != "." && !seen[each] {
			seen[each] = true
			folder := filepath.Dir(each)
			made.entries[folder] = append(made.entries[folder], each)
			each = folder
		}
	}
	for _, entries := range made.entries {
		sort.Strings(entries)
	}
	return made
}

func (t *tree) Walk(ctx context.Context, target string, fn gofs.WalkDirFunc) error {
	return t.walk(".", fn)
}

func (t *tree) walk(folder string, fn gofs.WalkDirFunc) error {
	for _, each := range t.entries[folder] {
		mode := gofs.ModeDir | 0o755
		if t.files[each] {
			mode = 0o644
		}
		entry := &fsutil.DirEntryInfo{Stat: &types.Stat{Path: each, Mode: uint32(mode)}}
		err := fn(each, entry, nil)
		if errors.Is(err, filepath.SkipDir) {
			continue
		}
		if err == nil && !t.files[each] {
			err = t.walk(each, fn)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) Open(name string) (io.ReadCloser, error) {
	return nil, os.ErrNotExist
}
