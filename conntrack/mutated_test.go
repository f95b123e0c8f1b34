package conntrack_test

import (
	"flag"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

var (
	mutations = flag.Int("mutations", 120, "how many command lines with words changed at random TestMutatedCommands compares")
	seed      = flag.Uint64("seed", 1, "what TestMutatedCommands draws from")
)

// TestMutatedCommands is TestSameAsTool with command lines of which a word is dropped,
// doubled, or another: what is a mistake to conntrack(8) is one here, in the same words.
func TestMutatedCommands(t *testing.T) {
	testenv.Need(t, testenv.Root, testenv.Program("conntrack"))
	r := rand.New(rand.NewPCG(*seed, 0))
	known := commandLines(t)
	var words []string
	for _, line := range known {
		for _, w := range strings.Fields(line) {
			if !slices.Contains(words, w) {
				words = append(words, w)
			}
		}
	}
	var lines []string
	for len(lines) < *mutations {
		w := strings.Fields(known[r.IntN(len(known))])
		i := r.IntN(len(w))
		other := words[r.IntN(len(words))]
		switch r.IntN(5) {
		case 0:
			w = slices.Delete(w, i, i+1)
		case 1:
			w = slices.Insert(w, i, w[i])
		case 2:
			w = slices.Insert(w, i, other)
		default:
			w[i] = other
		}
		line := strings.Join(w, " ")
		if !waits.MatchString(line) {
			lines = append(lines, line, "-C")
		}
	}
	kernel := runKernel(t, testenv.NewNamespace(t), lines)
	m := newMemory()
	for i, line := range lines {
		if strings.HasPrefix(kernel[i].out, "Command line interface") || kernel[i].status == crashed {
			continue // the help has words of its own here
		}
		compare(t, line, runTool(t, m, strings.Fields(line)), kernel[i])
	}
}

// waits are command lines that read what comes, from the kernel or a file, and those
// that make what ends within the test.
var waits = regexp.MustCompile(`(^| )(-[A-Za-z]*[ER]|--event|--load-file|(-t|--timeout) (\D|\d{1,2}( |$)))`)

// crashed is the status of conntrack(8) after an invalid access, which some mistakes lead to.
const crashed = 139
