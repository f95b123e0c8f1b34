package listing

import (
	"regexp"
	"strconv"
	"strings"
)

// bareDevice is a name that may stand in a list of devices without quotes.
var bareDevice = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9/_.-]*$`)

// devices prints a list of devices. Names are quoted only where they
// have to be: nft 1.0 never quotes them, and cannot read wildcards back; 1.1
// always does.
func (p *printer) devices(names []string) string { return deviceList(names, p.opt.Newer) }

func deviceList(names []string, quoted bool) string {
	var list []string
	for _, n := range sorted(names) {
		if quoted || !bareDevice.MatchString(n) {
			n = strconv.Quote(n)
		}
		list = append(list, n)
	}
	return strings.Join(list, ", ")
}
