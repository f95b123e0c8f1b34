package ct

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"nfvm/internal/testenv"
)

// kernel is the world of the machine's own kernel: a network namespace with
// two TUN devices, and a router between them that writes the state of each
// packet into its DSCP field.
type kernel struct {
	t        *testing.T
	fd       [2]int
	log      bytes.Buffer
	listener *exec.Cmd
}

const kernelSetup = `link set dev lo up
link set dev a up
link set dev b up
addr add 10.1.0.1/24 dev a
addr add 10.2.0.1/24 dev b
addr add fd01::1/64 dev a nodad
addr add fd02::1/64 dev b nodad
`

// kernelRules tag packets and hold the rules of zoneByPort and markByPort.
const kernelRules = `table inet t {
	chain pre {
		type filter hook prerouting priority -300
		iif a udp dport 55 ct zone set 7
		iif a udp dport 56 ct original zone set 8
		iif a udp dport 57 ct reply zone set 9
	}
	chain marks {
		type filter hook forward priority 0
		udp dport 58 ct mark set 16
	}
	chain tags {
		type filter hook postrouting priority 300
%s	}
}
`

// tags are the DSCP values for the states.
var tags = []struct {
	dscp       uint8
	match, tag string
}{
	{1, "ct state invalid", "invalid"},
	{2, "ct state established ct direction original", "established"},
	{34, "ct state established ct direction reply", "established/reply"},
	{4, "ct state related ct direction original", "related"},
	{36, "ct state related ct direction reply", "related/reply"},
	{8, "ct state new", "new"},
	{16, "ct state untracked", "untracked"},
}

// newKernel moves the calling thread into a namespace of its own.
func newKernel(t *testing.T) *kernel {
	testenv.Need(t, func() string {
		if err := syscall.Unshare(syscall.CLONE_NEWNET); err != nil {
			return fmt.Sprintf("needs a network namespace: %v", err)
		}
		return ""
	})
	k := &kernel{t: t}
	for i, name := range []string{"a", "b"} {
		k.fd[i] = openTUN(t, name)
		k.write("/proc/sys/net/ipv6/conf/"+name+"/addr_gen_mode", "1")
	}
	k.run(kernelSetup, "ip", "-batch", "-")
	k.write("/proc/sys/net/ipv4/ip_forward", "1")
	k.write("/proc/sys/net/ipv6/conf/all/forwarding", "1")
	for _, name := range []string{"all", "a", "b"} {
		k.write("/proc/sys/net/ipv4/conf/"+name+"/rp_filter", "0")
	}
	var rules strings.Builder
	for _, tag := range tags {
		for _, l3 := range []string{"ip", "ip6"} {
			fmt.Fprintf(&rules, "\t\t%s %s dscp set %d\n", tag.match, l3, tag.dscp)
		}
	}
	k.run(fmt.Sprintf(kernelRules, rules.String()), "nft", "-f", "-")
	// Linux takes what events a rule chooses, and reports all of them (6.18).
	k.run("", "iptables-legacy", "-t", "raw", "-A", "PREROUTING", "-i", "a", "-d", "10.2.0.9", "-j", "CT", "--ctevents", "destroy,reply")
	t.Cleanup(func() {
		syscall.Close(k.fd[0])
		syscall.Close(k.fd[1])
	})
	return k
}

// openTUN makes a TUN device without packet information headers.
func openTUN(t *testing.T, name string) int {
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	var req [40]byte
	copy(req[:15], name)
	const iffTUN, iffNoPI = 0x0001, 0x1000
	req[16], req[17] = iffTUN, iffNoPI>>8
	if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TUNSETIFF, uintptr(unsafe.Pointer(&req))); e != 0 {
		t.Fatal(e)
	}
	return fd
}

func (k *kernel) run(stdin, name string, args ...string) string {
	k.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		k.t.Fatalf("%s %v: %v: %s", name, args, err, stderr.String())
	}
	return string(out)
}

func (k *kernel) write(path, value string) {
	k.t.Helper()
	if err := os.WriteFile(path, []byte(value), 0); err != nil {
		k.t.Fatal(err)
	}
}

func (k *kernel) send(side byte, pkt []byte) string {
	in, out := k.fd[side-'a'], k.fd['b'-side]
	k.read(out)
	k.read(in)
	if _, err := syscall.Write(in, pkt); err != nil {
		k.t.Fatal(err)
	}
	got := k.read(out)
	if got == nil {
		return "dropped"
	}
	dscp := got[1] >> 2
	if got[0]>>4 == 6 {
		dscp = uint8(be.Uint16(got) >> 6 & 63)
	}
	for _, tag := range tags {
		if tag.dscp == dscp {
			return tag.tag
		}
	}
	return fmt.Sprintf("dscp %d", dscp)
}

// read empties a device and gives the first packet that is not the kernel's
// own multicast.
func (k *kernel) read(fd int) (first []byte) {
	buf := make([]byte, 65536)
	for {
		n, err := syscall.Read(fd, buf)
		if err != nil || n == 0 {
			return first
		}
		multicast := buf[0]>>4 == 6 && n > 24 && buf[24] == 0xff
		if first == nil && !multicast {
			first = append([]byte{}, buf[:n]...)
		}
	}
}

func (k *kernel) set(sysctl, value string) {
	k.write("/proc/sys/net/netfilter/nf_conntrack_"+sysctl, value)
}

func (k *kernel) wait(d time.Duration) { time.Sleep(d) }

func (k *kernel) list() string {
	return tidy(k.run("", "conntrack", "-L", "-o", "extended"))
}

func (k *kernel) listen() {
	k.listener = exec.Command("conntrack", "-E", "-o", "timestamp")
	k.listener.Stdout = &k.log
	if err := k.listener.Start(); err != nil {
		k.t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // until it listens
}

// events ends the listener and gives what it heard.
func (k *kernel) events() string {
	time.Sleep(200 * time.Millisecond)
	k.listener.Process.Signal(syscall.SIGTERM)
	k.listener.Wait()
	return tidyEvents(k.log.String())
}

func (k *kernel) flush() { k.run("", "conntrack", "-F") }

func sortLines(lines []string) { sort.Strings(lines) }
