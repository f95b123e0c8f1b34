package lang

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maxIncludes is how many files may be open in one another, as in nft.
const maxIncludes = 16

// maxIncludeFiles bounds the number of files of one parse, because two files
// that include each other twice would double at each of the levels.
const maxIncludeFiles = 10000

// include reads the files that `include "…"` names, behind the word; items
// parses their contents as items of the block around.
func (p *parser) include(from int, items func(*parser)) {
	w := Word{}
	if p.kind() != tQuoted {
		p.fail("quoted string")
	}
	w = p.takeWord()
	at := p.since(from)
	if len(p.openFiles) >= maxIncludes { // the input itself counts, too
		p.diags.Errorf(at, "Include nested too deeply, max %d levels", maxIncludes)
		return
	}
	names, problem := p.findInclude(w.Text)
	if problem != "" {
		p.diags.Errorf(at, "%s", problem)
		return
	}
	for _, name := range names {
		p.includeFile(name, at, items)
	}
}

// includeFile parses one file.
func (p *parser) includeFile(name string, at Span, items func(*parser)) {
	if p.files++; p.files > maxIncludeFiles {
		if p.files == maxIncludeFiles+1 {
			p.diags.Errorf(at, "too many files are included, max %d", maxIncludeFiles)
		}
		return
	}
	text, err := p.readFile(name)
	if err == errDirectory { // nft reads nothing from it, in silence
		p.diags.Warnf(at, "\"%s\" is a directory, of which nothing is included: \"%s/*\" names its files", name, strings.TrimRight(name, "/"))
		return
	}
	if err != nil {
		p.diags.Errorf(at, "Could not open file \"%s\": %s", name, reason(err))
		return
	}
	if slices.Contains(p.openFiles, name) {
		p.diags.Errorf(at, "include cycle: \"%s\" includes itself", name)
		return
	}
	q := p.parser(name, text, at, p.scope)
	if q == nil {
		return
	}
	q.depth = p.depth
	p.openFiles = append(p.openFiles, name)
	items(q)
	p.openFiles = p.openFiles[:len(p.openFiles)-1]
	if q.kind() == tRBrace {
		q.diags.Errorf(q.span(), "syntax error, unexpected '}'")
	}
	p.scope = q.scope
}

var errDirectory = errors.New("is a directory")

// reason gives the text of an error without operation and path.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

func (s *session) readFile(name string) ([]byte, error) {
	if s.opt.ReadFile != nil {
		return s.opt.ReadFile(name)
	}
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, errDirectory
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("not a regular file")
	}
	return os.ReadFile(name)
}

func (s *session) glob(pattern string) ([]string, error) {
	if s.opt.Glob != nil {
		return s.opt.Glob(pattern)
	}
	return filepath.Glob(pattern)
}

// findInclude gives the files that an include names. An absolute path and one
// that starts with ./ or ../ is taken as it is; others are looked up in the
// directory of the main input and the include directories, and the first directory
// with a match wins. A wildcard that matches nothing is no problem.
func (p *parser) findInclude(name string) (names []string, problem string) {
	wildcard := strings.ContainsAny(name, "*?[")
	for _, path := range p.candidates(name) {
		if wildcard {
			list, err := p.glob(path)
			if err != nil {
				return nil, "invalid pattern: " + name
			}
			if list = visible(list, path); len(list) > 0 {
				return list, ""
			}
			continue
		}
		if p.exists(path) {
			return []string{path}, ""
		}
	}
	if wildcard {
		return nil, ""
	}
	return nil, "File not found: " + name
}

// candidates gives the paths to try.
func (p *parser) candidates(name string) []string {
	if filepath.IsAbs(name) || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") {
		return []string{name}
	}
	dirs := []string{p.dir}
	dirs = append(dirs, p.opt.IncludeDirs...)
	dirs = append(dirs, "/etc")
	var out []string
	for _, d := range dirs {
		out = append(out, filepath.Join(d, name))
	}
	return out
}

// exists reports whether a path can be read as a file.
func (s *session) exists(path string) bool {
	if s.opt.ReadFile != nil {
		_, err := s.opt.ReadFile(path)
		return err == nil
	}
	_, err := os.Stat(path)
	return err == nil
}

// visible drops hidden files and directories from a match, unless the pattern
// itself starts with a dot.
func visible(list []string, pattern string) []string {
	hidden := strings.HasPrefix(filepath.Base(pattern), ".")
	var out []string
	for _, f := range list {
		if strings.HasPrefix(filepath.Base(f), ".") && !hidden {
			continue
		}
		if info, err := os.Stat(f); err == nil && info.IsDir() {
			continue
		}
		out = append(out, f)
	}
	return out
}
