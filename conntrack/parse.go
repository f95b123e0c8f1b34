package conntrack

import (
	"fmt"
	"io"
	"os"
	"strings"

	"nfvm/ctnetlink"
	"nfvm/nf"
)

// A Command is what a command line asks for.
type Command struct {
	op       op
	table    table
	options  uint32
	family   nf.Family // nf.FamilyUnspec: both
	protocol *protocol // nil: one without options
	proto    uint8
	template template
	events   uint32
	output   uint32
	buffer   int64
	labels   *labelMap
}

// An Env is what a command line may need of the machine. The zero Env has nothing.
type Env struct {
	// Open opens the file of label names.
	Open func(name string) (io.ReadCloser, error)
	// Warnings takes what is told while the command line is read; nil drops it.
	Warnings io.Writer
}

// A parser reads one command line.
type parser struct {
	*Command
	env      Env
	scan     scanner
	protoSet uint32 // options of the protocol that were there
	status   uint32
	ids      []protoOption // of the options with ids from firstProtoID
}

// firstProtoID is above all ids of options that stand for themselves.
const firstProtoID = 256

// Parse reads the command line, without the name of the program.
func Parse(args []string, env Env) (*Command, error) {
	p := &parser{Command: &Command{}, env: env}
	p.scan = scanner{args: args, short: shortOptions, long: longOptions}
	for {
		id := p.scan.scan()
		if id == endOfOptions {
			return p.Command, p.finish()
		}
		if err := p.option(id); err != nil {
			return nil, err
		}
	}
}

func (p *parser) warn(format string, args ...any) {
	if p.env.Warnings != nil {
		fmt.Fprintf(p.env.Warnings, format, args...)
	}
}

// option takes one option.
func (p *parser) option(id int) error {
	arg := p.scan.arg
	if id >= firstProtoID {
		return p.protocolOption(&p.ids[id-firstProtoID], arg)
	}
	if _, ok := commandLetters[id]; ok {
		return p.command(id)
	}
	p.options |= optionBits[id]
	switch id {
	case 's', 'd', 'r', 'q', '[', ']', '{', '}':
		return p.address(id, arg)
	case 'p':
		return p.setProtocol(arg)
	case 'n', 'g', 'j':
		return p.nat(id)
	case 'l', '<', '>':
		return p.label(id, arg)
	case 'u':
		return p.setStatus(arg)
	case 'e':
		p.options |= optEventMask
		return p.readWords(arg, eventWords, &p.events, nil)
	case 'o':
		return p.setOutput(arg)
	case 'f':
		return p.setFamilyName(arg)
	case missedArgument:
		return usageError("option `%s' requires an argument", p.scan.last())
	case unknownOption:
		return usageError("unknown option `%s'", p.scan.last())
	}
	p.number(id, arg)
	return nil
}

// number takes an option that is a number.
func (p *parser) number(id int, arg string) {
	t := &p.template
	n, rest := readNumber(arg)
	switch id {
	case 't':
		p.options |= optTimeout
		t.set |= attrTimeout
		t.timeout = uint32(readInt(arg))
	case 'z':
		p.options |= optZero
	case 'w':
		t.set, t.zone = t.set|attrZone, uint16(n)
	case '(':
		t.set, t.zones[nf.DirOriginal] = t.set|attrOrigZone, uint16(n)
	case ')':
		t.set, t.zones[nf.DirReply] = t.set|attrReplyZone, uint16(n)
	case 'i':
		t.set, t.id = t.set|attrID, uint32(n)
	case 'm':
		t.mark = masked{uint32(n), ^uint32(0)}
		if mask, ok := strings.CutPrefix(rest, "/"); ok {
			m, _ := readNumber(mask)
			t.mark.mask = uint32(m)
		}
	case 'b':
		p.options |= optBufferSize
		p.buffer = readInt(arg)
	case 'a':
		p.warn("WARNING: ignoring -%c, deprecated option.\n", id)
	}
}

// command takes a command with the table that may be named behind it.
func (p *parser) command(id int) error {
	name, named := p.scan.word()
	p.table = tableConntrack
	if named {
		found := false
		for _, t := range tableNames {
			if strings.HasPrefix(t.name, name) {
				p.table, found = t.table, true
				break
			}
		}
		if !found {
			return usageError("unknown type `%s'", name)
		}
	}
	onExpectations := 0
	switch {
	case p.table == tableExpect:
		onExpectations = 1
	case p.table != tableConntrack && id != 'L':
		return usageError("Can't do that command with tables `dying' and `unconfirmed'")
	}
	o := commandLetters[id][onExpectations]
	switch {
	case o == opNone:
		return usageError("Can't do --%s on expectations", longName(id))
	case p.op != opNone:
		return usageError("Invalid commands combination")
	}
	p.op = o
	return nil
}

// longName is the first name of an option.
func longName(id int) string {
	for _, o := range longOptions {
		if o.id == id {
			return o.name
		}
	}
	return "unknown"
}

func (p *parser) setFamily(f nf.Family) error {
	if p.family != nf.FamilyUnspec && p.family != f {
		return usageError("mismatched address family")
	}
	p.family = f
	return nil
}

func (p *parser) setFamilyName(arg string) error {
	p.options |= optFamily
	switch {
	case strings.HasPrefix(arg, "ipv4"):
		return p.setFamily(nf.FamilyIPv4)
	case strings.HasPrefix(arg, "ipv6"):
		return p.setFamily(nf.FamilyIPv6)
	}
	return usageError("`%s' unsupported protocol", arg)
}

// setStatus takes statuses: those to set, or to look for.
func (p *parser) setStatus(arg string) error {
	p.options |= optStatus
	t := &p.template
	if err := p.readWords(arg, statusWords, &p.status, &t.statusMask); err != nil {
		return err
	}
	t.set |= attrStatus
	t.status = p.status
	if t.statusMask == 0 {
		t.statusMask = p.status
	}
	return nil
}

func (p *parser) setOutput(arg string) error {
	p.options |= optOutput
	if err := p.readWords(arg, outputWords, &p.output, nil); err != nil {
		return err
	}
	if p.output&outLabels != 0 {
		p.openLabels()
	}
	if p.output&outSave != 0 && p.output&^outSave != 0 {
		return failure("cannot combine save output with any other output type, use -o save only")
	}
	return nil
}

// openLabels reads the names of labels, once.
func (p *parser) openLabels() {
	if p.labels != nil {
		return
	}
	err := os.ErrNotExist
	if p.env.Open != nil {
		var file io.ReadCloser
		if file, err = p.env.Open(labelFile); err == nil {
			p.labels = readLabels(file)
			file.Close()
			return
		}
	}
	p.warn("nfct_labelmap_new: %s\n", systemText(err))
}

// label takes names of labels: to look for, to add or to remove.
func (p *parser) label(id int, arg string) error {
	p.openLabels()
	if p.options&(optLabelAdd|optLabelDel) == optLabelAdd|optLabelDel {
		return failure("cannot use --label-add and --label-del at the same time")
	}
	if id == '>' {
		var ok bool
		if arg, ok = p.scan.word(); !ok {
			return nil // all of them
		}
	}
	to := &p.template.label
	if id != 'l' {
		to = &p.template.change
	}
	if *to == nil {
		*to = &labels{}
	}
	for name := range strings.SplitSeq(arg, ",") {
		bit, ok := 0, false
		if p.labels != nil {
			bit, ok = p.labels.bits[name]
		}
		if !ok {
			return usageError("unknown label '%s'", name)
		}
		(*to).add(bit)
	}
	return nil
}

// finish sees whether all fits together.
func (p *parser) finish() error {
	switch p.op {
	case opList, opUpdate, opDelete, opGet, opFlush, opEvent:
	default:
		if p.family == nf.FamilyUnspec {
			p.family = nf.FamilyIPv4
		}
	}
	if p.options&optAnyNAT != 0 && p.options&(optSrcNAT|optDstNAT) != 0 {
		return usageError("cannot specify `--src-nat' or `--dst-nat' with `--any-nat'")
	}
	pairs := []uint32{optOrig, optReply}
	meant, ok, err := checkOptions(p.options, optionsOf[p.op], optionNames, pairs)
	if err != nil {
		return err
	}
	if !ok {
		return usageError("you have to specify %s", []string{"`--src' and `--dst'", "`--reply-src' and `--reply-dst'"}[meant])
	}
	if p.op == opHelp {
		return nil
	}
	if p.protocol != nil {
		return p.protocol.check(p.op, p.protoSet)
	}
	if t := &p.template; t.has(attrReplyL3) && t.has(attrL4) && !t.has(attrReplyL4) {
		t.set |= attrReplyL4
		t.tuple[nf.DirReply].L4 = p.proto
	}
	return nil
}

// setTuple fills a half of the template.
func (t *template) setTuple(d nf.Dir, a attr, fill func(*ctnetlink.Tuple)) {
	t.set |= a.half(d)
	fill(&t.tuple[d])
}
