package features

import (
	"embed"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"text/tabwriter"
)

//go:embed table/*.tsv
var tables embed.FS

// What the columns of the table may say. Refused and AllBut are followed by what
// is refused, such as "all but bridge": with an error that names it and its
// position.
const (
	Yes     = "yes"
	Refused = "refused"
	AllBut  = "all but"
	None    = "-" // the feature has no part in this column
)

// A Row is one feature.
type Row struct {
	ID       string // such as "L-010"
	Title    string
	Compiler string
	VM       string // of what compiles: does it run, or is it refused at load
	Cases    int    // conformance cases recorded from the kernel that name it
}

// Sections are the letters of the IDs in the order of the inventory.
const Sections = "LFDMECPXOISTBKNAU"

// Table gives all rows, by section and number.
func Table() ([]Row, error) {
	var rows []Row
	for _, section := range Sections {
		data, err := tables.ReadFile("table/" + string(section) + ".tsv")
		if err != nil {
			if _, missing := err.(*fs.PathError); missing {
				continue
			}
			return nil, err
		}
		part, err := parse(string(data))
		if err != nil {
			return nil, err
		}
		rows = append(rows, part...)
	}
	return rows, nil
}

func parse(text string) ([]Row, error) {
	var rows []Row
	for line := range strings.Lines(text) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(f) != 5 {
			return nil, fmt.Errorf("features: a row of %d columns: %q", len(f), line)
		}
		r := Row{ID: f[0], Title: f[1], Compiler: f[2], VM: f[3]}
		if _, err := fmt.Sscan(f[4], &r.Cases); err != nil {
			return nil, fmt.Errorf("features: %q: %w", line, err)
		}
		rows = append(rows, r)
	}
	return rows, nil
}

// format is the form of parse.
func format(rows []Row) string {
	var b strings.Builder
	slices.SortFunc(rows, func(x, y Row) int { return strings.Compare(x.ID, y.ID) })
	for _, r := range rows {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%s\t%d\n", r.ID, r.Title, r.Compiler, r.VM, r.Cases)
	}
	return b.String()
}

// Write prints rows as a table for people, with the totals below it.
func Write(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ID\tcompiler\tVM\tcases\tfeature")
	for _, r := range rows {
		fmt.Fprintf(t, "%s\t%s\t%s\t%d\t%s\n", r.ID, r.Compiler, r.VM, r.Cases, r.Title)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(w, totals(rows))
	return err
}

// totals counts the rows by what they say.
func totals(rows []Row) string {
	compiled, run, cases := map[string]int{}, map[string]int{}, 0
	for _, r := range rows {
		compiled[kind(r.Compiler)]++
		run[kind(r.VM)]++
		if r.Cases > 0 {
			cases++
		}
	}
	return fmt.Sprintf("%d features\ncompiler: %s\nVM: %s\n%d with a case recorded from the kernel\n",
		len(rows), counted(compiled), counted(run), cases)
}

// kind is a column without what is refused.
func kind(column string) string {
	for _, k := range []string{Refused, AllBut} {
		if strings.HasPrefix(column, k) {
			return k
		}
	}
	return column
}

func counted(n map[string]int) string {
	return fmt.Sprintf("%d yes, %d in part, %d refused, %d without a part in it", n[Yes], n[AllBut], n[Refused], n[None])
}
