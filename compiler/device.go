package compiler

import (
	"nfvm/diag"
	"nfvm/internal/sequence"
	"nfvm/lang"
	"nfvm/nf"
)

// maxDevices is how many devices one chain or flowtable may have
// (NFT_NETDEVICE_MAX).
const maxDevices = 256

// A device is an interface of a chain or flowtable, and where it is named.
type device struct {
	name string
	at   diag.Span
}

// onDevice is whether chains at a hook belong to devices.
func onDevice(h nf.Hook) bool { return h == nf.HookIngress || h == nf.HookEgress }

// chainDevices reads the devices of a base chain.
func (c *compiler) chainDevices(b *lang.Chain, h nf.Hook) ([]string, bool) {
	list := b.Hook.Devices
	if b.Devices != nil {
		list = append(list[:len(list):len(list)], b.Devices)
	}
	if len(list) > 0 && !onDevice(h) {
		c.errorf(list[0].At().To(list[len(list)-1].At()), "This chain type cannot be bound to device")
		return nil, false
	}
	if len(list) == 0 && onDevice(h) && !b.Broken {
		c.errorf(b.Hook.Span, "Missing `device' in this chain definition").
			Note(b.Hook.Span, "without one it would see no packet: %s hook %s device \"eth0\" priority …", b.Hook.Type.Text, h)
		return nil, false
	}
	return c.devices(list)
}

// devices reads the names of a list of devices. The kernel refuses names that
// are too long, and a device twice.
func (c *compiler) devices(list []lang.Expr) ([]string, bool) {
	var names []string
	first := map[string]diag.Span{}
	all, ok := c.deviceExprs(list)
	for _, d := range all {
		was, again := first[d.name]
		switch {
		case d.name == "":
			c.errorf(d.at, "empty name of a device")
		case len(d.name) >= nf.IfNameSize:
			c.refuse(d.at, erange, "the name of a device has at most %d characters", nf.IfNameSize-1)
		case again:
			c.refuse(d.at, eexist, "device %s is named twice", d.name).Note(was, "it was named here")
		case len(names) == maxDevices:
			c.refuse(d.at, e2big, "there can be at most %d devices", maxDevices)
			return names, false
		default:
			first[d.name] = d.at
			names = append(names, d.name)
			continue
		}
		ok = false
	}
	return names, ok
}

// deviceExprs resolves variables and sets among the expressions for devices.
func (c *compiler) deviceExprs(list []lang.Expr) ([]device, bool) {
	var out []device
	ok := true
	for _, e := range list {
		switch d := resolve(e).(type) {
		case *lang.Symbol:
			out = append(out, device{d.Text, e.At()})
		case *lang.SetLit:
			for el := range d.All() {
				more, good := c.deviceExprs([]lang.Expr{el.Key})
				out, ok = append(out, more...), ok && good
			}
		case nil:
			ok = false
		default:
			c.errorf(e.At(), "invalid device expression: a name is needed")
			ok = false
		}
	}
	return out, ok
}

// A deviceList is the devices of a chain or flowtable, each once.
type deviceList struct{ sequence.List[string] }

// add appends the names that the list does not have.
func (l *deviceList) add(names []string) {
	for _, x := range names {
		if l.Index(x) < 0 {
			l.Append(x)
		}
	}
}
