package netfilter

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"nfvm/ct"
	"nfvm/ct/helper"
	"nfvm/host"
)

// An UnknownSysctl is a setting that has no meaning for the packet path.
type UnknownSysctl struct {
	Name  string
	Known []string // the names that there are on this host, sorted
}

// Error names the setting.
func (u *UnknownSysctl) Error() string { return u.Name + " is no setting of the packet path" }

// SetSysctl sets a sysctl of a host before an engine is made for it, as sysctl -w
// does: by its name with dots or slashes, to a value that the kernel would take
// (proc_dointvec and its kin). The parameters of helpers (helper.Params) are set
// the same way. The error is an *UnknownSysctl if there is no such
// setting.
func SetSysctl(h *host.Host, name, value string) error {
	name = strings.ReplaceAll(strings.TrimSpace(name), "/", ".")
	if name == "net.netfilter.nf_conntrack_count" {
		return fmt.Errorf("%s: permission denied: it can only be read", name)
	}
	if helper.IsParam(name) {
		params := helper.DefaultParams()
		if err := params.Set(name, value); err != nil {
			return fmt.Errorf("invalid argument: %w", err)
		}
		h.SetSysctl(name, value)
		return nil
	}
	s := ct.DefaultSysctls()
	if err := applySysctls(h, &s); err != nil {
		return err
	}
	limits, known := findSetting(h, name)
	_, tracked := s.Get(name)
	if !known && !tracked {
		return &UnknownSysctl{name, knownSysctls(h)}
	}
	n, err := sysctlNumber(value)
	switch {
	case err != nil:
		return fmt.Errorf("%s: invalid argument: %q is not a number", name, value)
	case known && (n < limits.Min || n > limits.Max):
		return fmt.Errorf("%s: invalid argument: %d is not from %d to %d", name, n, limits.Min, limits.Max)
	}
	value = strconv.FormatInt(n, 10)
	if tracked {
		if err := s.Set(name, value); err != nil {
			return fmt.Errorf("invalid argument: %w", err)
		}
	}
	if err := checkThreshold(h, name, n); err != nil {
		return err
	}
	for _, alias := range aliases(name) {
		h.SetSysctl(alias, value)
	}
	return nil
}

// helperParams gives the parameters of helpers that a host description sets.
func helperParams(h *host.Host) (params helper.Params, err error) {
	params = helper.DefaultParams()
	h.Sysctls(func(name, value string) {
		if helper.IsParam(name) {
			if e := params.Set(name, value); e != nil {
				err = fmt.Errorf("host description: sysctl: %w", e)
			}
		}
	})
	return params, err
}

// sysctlNumber reads a number as the kernel does: decimal, octal behind 0, or
// hexadecimal behind 0x.
func sysctlNumber(s string) (int64, error) {
	s = strings.TrimSpace(s)
	digits, negative := strings.CutPrefix(s, "-")
	base := 10
	switch hex := strings.HasPrefix(digits, "0x") || strings.HasPrefix(digits, "0X"); {
	case hex:
		base, digits = 16, digits[2:]
	case len(digits) > 1 && digits[0] == '0':
		base = 8
	}
	if negative {
		digits = "-" + digits
	}
	if strings.HasPrefix(digits, "+") || strings.HasPrefix(digits, "--") {
		return 0, strconv.ErrSyntax
	}
	return strconv.ParseInt(digits, base, 64)
}

// aliases are the names of one setting.
func aliases(name string) []string {
	both := []string{"net.nf_conntrack_max", "net.netfilter.nf_conntrack_max"}
	if slices.Contains(both, name) {
		return both
	}
	return []string{name}
}

// thresholds are settings of which the low one can't be above the high one.
var thresholds = []string{"net.ipv4.ipfrag_", "net.ipv6.ip6frag_", "net.netfilter.nf_conntrack_frag6_"}

func checkThreshold(h *host.Host, name string, n int64) error {
	for _, prefix := range thresholds {
		low, high := prefix+"low_thresh", prefix+"high_thresh"
		switch {
		case name == low && n > threshold(h, high, 4<<20):
			return fmt.Errorf("%s: invalid argument: %d is more than %s", name, n, high)
		case name == high && n < threshold(h, low, 3<<20):
			return fmt.Errorf("%s: invalid argument: %d is less than %s", name, n, low)
		}
	}
	return nil
}

func threshold(h *host.Host, name string, def int64) int64 {
	if text, set := h.Sysctl(name); set {
		if n, err := sysctlNumber(text); err == nil {
			return n
		}
	}
	return def
}

// findSetting finds what is known of a setting that is not of connection tracking.
func findSetting(h *host.Host, name string) (host.Setting, bool) {
	for _, s := range host.Settings() {
		if slices.Contains(expand(h, s.Name), name) {
			return s, true
		}
	}
	return host.Setting{}, false
}

// expand gives the names of a setting on this host.
func expand(h *host.Host, pattern string) []string {
	before, after, each := strings.Cut(pattern, "*")
	if !each {
		return []string{pattern}
	}
	list := []string{before + "all" + after, before + "default" + after}
	for _, l := range h.Links() {
		list = append(list, before+l.Name+after)
	}
	return list
}

func knownSysctls(h *host.Host) []string {
	list := append(ct.SysctlNames(), "net.nf_conntrack_max")
	list = append(list, helper.ParamNames()...)
	for _, s := range host.Settings() {
		list = append(list, expand(h, s.Name)...)
	}
	slices.Sort(list)
	return list
}
