package conntrack

// An op is a command on a table.
type op uint8

const (
	opNone op = iota
	opList
	opCreate
	opUpdate
	opDelete
	opGet
	opFlush
	opEvent
	opVersion
	opHelp
	opAdd
	opCount
	opStats
	opExpectList
	opExpectCreate
	opExpectDelete
	opExpectGet
	opExpectFlush
	opExpectEvent
	opExpectCount
	opExpectStats
)

// A table is what a command is about.
type table uint8

const (
	tableConntrack table = iota
	tableExpect
	tableDying
	tableUnconfirmed
)

// tableNames may be cut short; the first that fits is meant.
var tableNames = []struct {
	name  string
	table table
}{{"expect", tableExpect}, {"conntrack", tableConntrack}, {"dying", tableDying}, {"unconfirmed", tableUnconfirmed}}

// commandLetters are the commands on connections and on expectations.
var commandLetters = map[int][2]op{
	'L': {opList, opExpectList}, 'I': {opCreate, opExpectCreate}, 'D': {opDelete, opExpectDelete},
	'G': {opGet, opExpectGet}, 'F': {opFlush, opExpectFlush}, 'E': {opEvent, opExpectEvent},
	'V': {opVersion, opVersion}, 'h': {opHelp, opHelp}, 'C': {opCount, opExpectCount},
	'S': {opStats, opExpectStats}, 'U': {opUpdate, opNone}, 'A': {opAdd, opNone},
}

// Which options a command takes, a digit for each: 0 none, 1 it must be there,
// 2 it may be, 3 it depends on others.
const (
	forbidden  = '0'
	compulsory = '1'
	coupled    = '3'
)

// optionsOf says of each option, in the order of their bits, whether a command
// takes it. A command that is not here takes none.
var optionsOf = map[op]string{
	//               sdrqptuze[]{}amifngocbjwl<>()
	opList:         "22222022000220202222202220022",
	opCreate:       "33331120000002200220000202022",
	opUpdate:       "22222220000220222222000022200",
	opDelete:       "22222220000220222222000220022",
	opGet:          "33331000000000020002000020000",
	opFlush:        "00000000000000002000000000000",
	opEvent:        "22222000200220202222222220022",
	opHelp:         "00002000000000000000000000000",
	opAdd:          "33331120000002200220000202022",
	opExpectList:   "00000000000000002002000000000",
	opExpectCreate: "11221120011110000000000000000",
	opExpectDelete: "11221000000000000000000000000",
	opExpectGet:    "11221000000000000000000000000",
	opExpectEvent:  "00000000000000000002000000000",
}

// closing is what is said at the end of a command, of how many it was about.
var closing = map[op]string{
	opList:         "%d flow entries have been shown.",
	opCreate:       "%d flow entries have been created.",
	opUpdate:       "%d flow entries have been updated.",
	opDelete:       "%d flow entries have been deleted.",
	opGet:          "%d flow entries have been shown.",
	opEvent:        "%d flow events have been shown.",
	opAdd:          "%d flow entries have been added.",
	opExpectList:   "%d expectations have been shown.",
	opExpectDelete: "%d expectations have been shown.",
}

// mayBeNone are the commands that succeed when they were about nothing.
var mayBeNone = map[op]bool{opList: true, opExpectList: true, opAdd: true}

// checkOptions sees whether a command takes the options that are there: set has a
// bit for each of names, needs a digit. Of the pairs, of which a command may need
// one, the first that is there in part is meant when none is there in whole;
// ok is false then.
func checkOptions(set uint32, needs string, names []string, pairs []uint32) (meant int, ok bool, err error) {
	depends := false
	for i, name := range names {
		need := byte(forbidden)
		if i < len(needs) {
			need = needs[i]
		}
		switch there := set>>i&1 != 0; {
		case !there && need == compulsory:
			return 0, false, usageError("You need to supply the `--%s' option for this command", name)
		case there && need == forbidden:
			return 0, false, usageError("Illegal option `--%s' with this command", name)
		}
		depends = depends || need == coupled
	}
	if !depends || pairs == nil {
		return 0, true, nil
	}
	meant = -1
	for i, pair := range pairs {
		switch {
		case set&pair == pair:
			return 0, true, nil
		case set&pair != 0 && meant < 0:
			meant = i
		}
	}
	return max(meant, 0), false, nil
}
