//go:build linux

package guard

// A Frame is one Ethernet frame that a guard holds.
type Frame struct {
	// Data lies in the queue's memory, and is the reader's until it reads again.
	Data    []byte
	Offload Offload
	// Outbound tells that the host sends it, and what it knows of it is in Meta.
	Outbound bool
	Meta     Meta
}

// set makes a frame of what was read: a virtio header, perhaps a Meta, and the
// Ethernet frame.
func (f *Frame) set(b []byte, outbound, meta bool) {
	*f = Frame{Outbound: outbound}
	if len(b) < offloadSize {
		return
	}
	f.Offload.read(b)
	b = b[offloadSize:]
	if meta && len(b) >= metaSize {
		f.Meta = readMeta(b)
		f.Offload.shift(metaSize)
		b = b[metaSize:]
	}
	f.Data = b
}
