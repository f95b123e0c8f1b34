package optimize

import (
	"encoding/binary"
	"sync"

	"nfvm/bytecode"
	"nfvm/classify"
)

// A Survey of a table annotates its rules one by one, in any order, and keeps in
// mind what they ask of the packet, which is all that chains need to know of
// most of them.
type Survey struct {
	mu     sync.Mutex
	fields map[field]uint32
	list   []field
	asks   map[string]Asks
	asked  [][]uint32 // the fields that each Asks stands for
}

// Asks stands for the fields that a rule asks for, in a Survey.
type Asks uint32

// NewSurvey gives a survey of no rules.
func NewSurvey() *Survey {
	return &Survey{fields: map[field]uint32{}, asks: map[string]Asks{"": 0}, asked: [][]uint32{nil}}
}

// A Worker annotates rules of a table. Several may work on a survey at once.
type Worker struct {
	survey *Survey
	table  *bytecode.Table
	reader *classify.Reader
	fields map[field]uint32 // those of the survey that it has met
	asks   map[string]Asks
	key    []byte
}

// Worker gives a worker for a table; the sets that its rules name must be known.
func (s *Survey) Worker(t *bytecode.Table) *Worker {
	return &Worker{survey: s, table: t, reader: classify.NewProfiler(t), fields: map[field]uint32{}, asks: map[string]Asks{}}
}

// Rule runs the passes on a rule by itself and gives what the rule asks for.
func (w *Worker) Rule(r *bytecode.Rule) Asks {
	r.Skip = nil
	if classify.Repeats(w.table, r) {
		for _, pass := range Passes {
			if pass.rule != nil {
				pass.rule(w.table, r)
			}
		}
	}
	w.key = w.key[:0]
	w.reader.Profile(r, func(e bytecode.Expr) {
		w.key = binary.LittleEndian.AppendUint32(w.key, w.number(fieldOf(e)))
	})
	a, known := w.asks[string(w.key)]
	if !known {
		a = w.survey.add(string(w.key))
		w.asks[string(w.key)] = a
	}
	return a
}

// number gives the survey's number of a field.
func (w *Worker) number(f field) uint32 {
	n, known := w.fields[f]
	if known {
		return n
	}
	s := w.survey
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, known = s.fields[f]; !known {
		n = uint32(len(s.list))
		s.fields[f] = n
		s.list = append(s.list, f)
	}
	w.fields[f] = n
	return n
}

// add gives the number of a list of fields.
func (s *Survey) add(key string) Asks {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, known := s.asks[key]
	if !known {
		a = Asks(len(s.asked))
		s.asks[key] = a
		var list []uint32
		for i := 0; i < len(key); i += 4 {
			list = append(list, binary.LittleEndian.Uint32([]byte(key[i:])))
		}
		s.asked = append(s.asked, list)
	}
	return a
}

// Chains runs the passes on the chains of a table. asks gives what the rules of
// a chain, which all have been surveyed, ask for; a rule may be packed.
func (s *Survey) Chains(t *bytecode.Table, asks func(chain int) []Asks) {
	reader := classify.NewReader(t)
	for i, c := range t.Chains {
		p := &planner{reader: reader, chain: c, survey: s, asked: func() []Asks { return asks(i) }}
		for _, pass := range Passes {
			if pass.chain != nil {
				pass.chain(p)
			}
		}
	}
}
