package features

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// A probe is one ruleset of testdata and what has to come of it. In the archive
// it is a file named by its IDs and a title, followed by what is expected:
//
//	-- L-010 L-011 numbers with a leading zero --
//	table ip t { ... }
//	-- netlink --      the listing, as nft on this machine prints it (-update records it)
//	-- netlink 1.1 --  the listing where newer nft differs (-update writes ours: check it)
//	-- error --        the whole error text; refusing is the feature, as nft does
//	-- error 1.1 --    the same, where only newer nft refuses
//	-- missing --      the error text; nft accepts this, we do not yet
//	-- load --         beside netlink: the engine refuses the program with this text
//	-- list -- -- json --  beside netlink: what nft 1.1 prints of it
type probe struct {
	ids   []string
	title string
	src   string
	want  map[string]int // name of an expectation: its file in the archive
	file  *txtar.Archive
}

var probeName = regexp.MustCompile(`^((?:[A-Z]-\d{3} )+)(.+)$`)

var expectations = map[string]bool{"netlink": true, "netlink 1.1": true, "error": true, "error 1.1": true, "missing": true, "load": true, "list": true, "json": true}

// probesOf reads an archive.
func probesOf(file string) (*txtar.Archive, []*probe, error) {
	ar, err := txtar.ParseFile(file)
	if err != nil {
		return nil, nil, err
	}
	var all []*probe
	for i, f := range ar.Files {
		m := probeName.FindStringSubmatch(f.Name)
		switch {
		case m != nil:
			all = append(all, &probe{ids: strings.Fields(m[1]), title: m[2], src: string(f.Data), want: map[string]int{}, file: ar})
		case expectations[f.Name] && len(all) > 0:
			all[len(all)-1].want[f.Name] = i
		default:
			return nil, nil, fmt.Errorf("%s: %q is neither a probe nor an expectation", file, f.Name)
		}
	}
	return ar, all, nil
}

func (p *probe) name() string { return strings.Join(p.ids, " ") + " " + p.title }

// expects gives an expectation's text.
func (p *probe) expects(name string) (string, bool) {
	i, ok := p.want[name]
	if !ok {
		return "", false
	}
	return string(p.file.Files[i].Data), true
}

func (p *probe) set(name, text string) { p.file.Files[p.want[name]].Data = []byte(text) }

// archives lists testdata.
func archives(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no probes: %v", err)
	}
	return files
}
