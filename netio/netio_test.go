package netio

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

func sample() []Frame {
	return []Frame{
		{Number: 1, Interface: 0, Time: 1700000000_123456789, Data: []byte("abcde"), OrigLen: 5, Direction: DirectionInbound},
		{Number: 2, Interface: 1, Time: 1700000001_000000001, Data: []byte("wxyz"), OrigLen: 90, Direction: DirectionOutbound, Comment: "accept: ip filter forward"},
		{Number: 3, Interface: 0, Time: 1700000002_000000000, Data: []byte{}, OrigLen: 0},
	}
}

func write(t testing.TB, frames []Frame) []byte {
	t.Helper()
	var buf bytes.Buffer
	w, err := NewWriter(&buf)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range []Interface{{Name: "lan0", Link: LinkEthernet}, {Name: "wan0", Link: LinkRaw}} {
		if _, err := w.AddInterface(i); err != nil {
			t.Fatal(err)
		}
	}
	for i := range frames {
		if err := w.WriteFrame(&frames[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// readAll reads every frame and the error that ended the reading.
func readAll(r *Reader) (frames []Frame, err error) {
	for {
		var f Frame
		if err = r.Next(&f); err != nil {
			return frames, err
		}
		f.Data = append([]byte{}, f.Data...)
		frames = append(frames, f)
	}
}

func TestRoundTrip(t *testing.T) {
	r, err := NewReader(bytes.NewReader(write(t, sample())), "")
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(r)
	if err != io.EOF {
		t.Fatalf("end: %v", err)
	}
	if d := cmp.Diff(sample(), got); d != "" {
		t.Error(d)
	}
	want := []Interface{{Name: "lan0", Link: LinkEthernet}, {Name: "wan0", Link: LinkRaw}}
	if d := cmp.Diff(want, r.Interfaces()); d != "" {
		t.Error(d)
	}
}

// gopacket's reader must agree with ours about what we write.
func TestWriterReadableByGopacket(t *testing.T) {
	r, err := pcapgo.NewNgReader(bytes.NewReader(write(t, sample())), pcapgo.NgReaderOptions{WantMixedLinkType: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range sample() {
		data, ci, err := r.ReadPacketData()
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(data, want.Data) || ci.Timestamp.UnixNano() != want.Time || ci.Length != want.OrigLen {
			t.Errorf("frame %d: %x %v %d", want.Number, data, ci.Timestamp, ci.Length)
		}
	}
}

func TestClassic(t *testing.T) {
	var buf bytes.Buffer
	w := pcapgo.NewWriterNanos(&buf)
	if err := w.WriteFileHeader(65535, layers.LinkTypeEthernet); err != nil {
		t.Fatal(err)
	}
	at := time.Unix(1700000000, 42)
	if err := w.WritePacket(gopacket.CaptureInfo{Timestamp: at, CaptureLength: 3, Length: 3}, []byte("abc")); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(bytes.NewReader(buf.Bytes()), "eth7")
	if err != nil {
		t.Fatal(err)
	}
	got, err := readAll(r)
	if err != io.EOF {
		t.Fatal(err)
	}
	want := []Frame{{Number: 1, Time: at.UnixNano(), Data: []byte("abc"), OrigLen: 3}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if r.Interfaces()[0].Name != "eth7" {
		t.Errorf("interface %q", r.Interfaces()[0].Name)
	}
}

// Whatever the place of the cut, the frames before it come out and the damage
// is reported.
func TestTruncated(t *testing.T) {
	whole := write(t, sample())
	for n := range len(whole) {
		r, err := NewReader(bytes.NewReader(whole[:n]), "")
		if err != nil {
			continue
		}
		got, err := readAll(r)
		if d := cmp.Diff(sample()[:len(got)], got, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("cut at %d: %s", n, d)
		}
		var damage *DamageError
		if err != io.EOF && !errors.As(err, &damage) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

func TestNotACapture(t *testing.T) {
	for _, in := range []string{"", "abc", "hello world", "PK\x03\x04"} {
		if _, err := NewReader(bytes.NewReader([]byte(in)), ""); err == nil {
			t.Errorf("%q accepted", in)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add(write(f, sample()))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := NewReader(bytes.NewReader(b), "eth0")
		if err != nil {
			return
		}
		frames, err := readAll(r)
		var damage *DamageError
		if err != io.EOF && !errors.As(err, &damage) {
			t.Fatalf("neither end nor damage: %v", err)
		}
		for _, fr := range frames {
			if fr.Interface >= len(r.Interfaces()) {
				t.Fatalf("frame on interface %d of %d", fr.Interface, len(r.Interfaces()))
			}
		}
	})
}
