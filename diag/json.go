package diag

import "encoding/json"

type jsonPlace struct {
	File    string `json:"file,omitempty"`
	Line    int    `json:"line,omitempty"`
	Column  int    `json:"column,omitempty"`
	EndLine int    `json:"end_line,omitempty"`
	EndCol  int    `json:"end_column,omitempty"`
	Message string `json:"message,omitempty"`
}

type jsonDiagnostic struct {
	Severity string `json:"severity"`
	jsonPlace
	Source   string      `json:"source,omitempty"`
	Included []jsonPlace `json:"included,omitempty"`
	Notes    []jsonPlace `json:"notes,omitempty"`
}

// MarshalJSON gives an array of objects with severity, file, line, column,
// end_line, end_column, message, source (the line of text, an excerpt of a very
// long one), included (the places of the include statements by which the file
// came in, innermost first, or what the text was made from) and notes.
func (l *List) MarshalJSON() ([]byte, error) {
	out := make([]jsonDiagnostic, 0, len(l.Items))
	for _, d := range l.Items {
		j := jsonDiagnostic{Severity: map[Severity]string{Error: "error", Warning: "warning"}[d.Severity],
			jsonPlace: l.place(d.Span, d.Message)}
		if src := l.Sources.Find(d.Span.Start); src != nil && d.Span.Valid() {
			j.Source = excerptOf(src.line(j.Line), j.Column).String()
			j.Included = l.included(src.Included)
		}
		for _, n := range d.Notes {
			j.Notes = append(j.Notes, l.place(n.Span, n.Message))
		}
		out = append(out, j)
	}
	return json.Marshal(out)
}

// included lists how a file came in, innermost first.
func (l *List) included(at Span) (out []jsonPlace) {
	for n := 0; at.Valid() && n < 64; n++ {
		out = append(out, l.place(at, ""))
		at = l.Sources.Find(at.Start).Included
	}
	return out
}

func (l *List) place(at Span, msg string) jsonPlace {
	p := l.Sources.Position(at)
	return jsonPlace{File: p.File, Line: p.Line, Column: p.Col, EndLine: p.EndLine, EndCol: p.EndCol, Message: msg}
}
