//go:build linux

package live_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"nfvm/internal/testenv"
)

// TestAuto: on a veth the driver is TAP, and where there is no TAP device packet
// sockets.
func TestAuto(t *testing.T) {
	testenv.Need(t, testenv.Program("unshare"))
	l := newLab(t)
	rules := abs(t, "testdata/host.nft")
	for _, c := range []struct {
		driver string
		prefix []string
	}{
		{"tap", nil},
		{"afpacket", []string{"unshare", "-m", "sh", "-c", `mount -t tmpfs none /dev/net && exec "$@"`, "sh"}},
	} {
		p := l.guardBy(c.prefix, "--iface", "r1", rules)
		if said := "iface=r1 driver=" + c.driver + " why="; !strings.Contains(p.stderr.String(), said) {
			t.Errorf("nfvm does not say %s:\n%s", said, p.stderr)
		}
		if !l.pinged("10.9.1.1", true) {
			t.Errorf("%s: no ping comes in", c.driver)
		}
		p.end(os.Interrupt)
		if left := l.left(); left != "" {
			t.Errorf("%s leaves %s", c.driver, left)
		}
	}
}

// TestDriverRefused: a driver that can't do what is asked says why.
func TestDriverRefused(t *testing.T) {
	l := newLab(t)
	rules := abs(t, "testdata/host.nft")
	for _, c := range []struct{ args, says string }{
		{"--driver pigeon --iface r1", "--driver: there is no driver \"pigeon\", but auto, tap, xdp and afpacket"},
		{"--driver xdp --observe --iface r1", "interface r1: driver xdp: it takes frames away and can't observe; tap and afpacket can"},
		{"--driver tap --iface absent", "interface absent: Link not found"},
		{"--queues 1000 --iface r1", "--queues: want a number from 1 to 256"},
	} {
		out, err := l.try("router", fmt.Sprintf("%s --control none %s %s", l.buildNfvm(), c.args, rules), commandLimit)
		if err == nil || !strings.Contains(out, c.says) {
			t.Errorf("%s: %v\n%s\nwant %s", c.args, err, out, c.says)
		}
	}
	if left := l.left(); left != "" {
		t.Errorf("there is left %s", left)
	}
}

// TestGenericXDP: an interface whose driver knows nothing of XDP.
func TestGenericXDP(t *testing.T) {
	l := newLab(t)
	l.sh("router", "ip link add m1 link r1 type macvlan mode passthru; ip addr flush dev r1;"+
		"ip addr add 10.9.1.1/24 dev m1; ip addr add fd00:1::1/64 dev m1 nodad; ip link set m1 up")
	p := l.guard("--driver", "xdp", "--iface", "m1", abs(t, "testdata/host.nft"))
	if !strings.Contains(l.sh("router", "ip link show m1"), "xdpgeneric") {
		t.Error("there is no generic XDP program")
	}
	for _, addr := range []string{"10.9.1.1", "fd00:1::1", "-s 20000 10.9.1.1"} {
		if !l.pinged(addr, true) {
			t.Errorf("ping %s is not answered\n%s", addr, p.stderr)
		}
	}
	p.end(os.Interrupt)
}

// TestQueues: several workers on interfaces of several queues keep the order of
// each flow.
func TestQueues(t *testing.T) {
	l := newLab(t)
	l.build("load")
	rules := abs(t, "testdata/router.nft")
	for _, driver := range drivers {
		t.Run(driver, func(t *testing.T) {
			l := l.with(t)
			p := l.guard("--driver", driver, "--queues", "4", "--iface", "r1", "--iface", "r2", rules)
			if !l.pinged("10.9.2.2", true) {
				t.Fatal("no ping passes")
			}
			check := l.start("server", "sh", "-c", "./load check :9 6 > order."+driver)
			l.sh("client", "sleep 1; ./load order 10.9.2.2:9 16 500")
			<-check.done
			var came, flows, late int
			text, err := os.ReadFile(l.dir + "/order." + driver)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := fmt.Sscan(string(text), &came, &flows, &late); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			t.Logf("%d packets of %d flows", came, flows)
			if late != 0 || flows != 16 || came < 16*500/2 {
				t.Errorf("%d packets of %d flows came, %d behind a later one", came, flows, late)
			}
			p.end(os.Interrupt)
		})
	}
}
