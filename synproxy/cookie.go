package synproxy

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"

	"nfvm/nf"
	"nfvm/packet"
)

// A Cookie is a sequence number that tells of which connection and about when it
// was given, and which segment size the client named; nobody makes one who does
// not know the key. As in the kernel there are two hashes: one hides the client's
// own number and the minute, the other the minute and the size.
const (
	cookieBits = 24
	cookieMask = 1<<cookieBits - 1
	// period is how long the count stays the same, in nanoseconds; a cookie is
	// good in the one it was made in and in maxAge-1 more.
	period = 60e9
	maxAge = 2
)

// sizes are the segment sizes that a cookie can say.
var sizes = [2][4]uint16{
	{536, 1300, 1440, 1460},
	{1280 - 60, 1480 - 60, 1500 - 60, 9000 - 60},
}

// Cookies makes and checks them. It is for one goroutine at a time.
type Cookies struct {
	block cipher.Block
	buf   [3 * aes.BlockSize]byte
	sum   [aes.BlockSize]byte
}

// NewCookies takes a random key.
func NewCookies(key [16]byte) *Cookies {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // 16 bytes are a key
	}
	return &Cookies{block: block}
}

// A Flow names a connection by its client's side.
type Flow struct {
	Family   nf.Family
	Src, Dst packet.Addr
	Ports    [4]byte // as in the header
}

// FlowOf is the flow of a segment from the client.
func FlowOf(p *packet.Packet, t packet.TCP) Flow {
	return Flow{Family: p.Family, Src: p.Src(), Dst: p.Dst(), Ports: [4]byte(t[:4])}
}

// hash is a keyed hash of a flow, a count and which of the two hashes it is, of
// fixed length (CBC-MAC).
func (c *Cookies) hash(f *Flow, count uint32, which byte) uint32 {
	b := c.buf[:]
	copy(b, f.Src[:])
	copy(b[16:], f.Dst[:])
	copy(b[32:], f.Ports[:])
	binary.BigEndian.PutUint32(b[36:], count)
	clear(b[40:])
	b[40] = which
	clear(c.sum[:])
	for at := 0; at < len(b); at += aes.BlockSize {
		for i := range c.sum {
			c.sum[i] ^= b[at+i]
		}
		c.block.Encrypt(c.sum[:], c.sum[:])
	}
	return binary.BigEndian.Uint32(c.sum[:])
}

// Make gives the sequence number that answers a client whose first one is seq;
// mss is what it named, 0 for nothing, now is in nanoseconds.
func (c *Cookies) Make(f *Flow, seq uint32, mss uint16, now int64) uint32 {
	table := &sizes[familyIndex(f.Family)]
	data := uint32(len(table) - 1)
	for data > 0 && mss < table[data] {
		data--
	}
	count := uint32(now / period)
	return c.hash(f, 0, 0) + seq + count<<cookieBits + (c.hash(f, count, 1)+data)&cookieMask
}

// Check gives the segment size that a cookie tells of: seq and cookie are those
// with which the client's side and the proxy's began.
func (c *Cookies) Check(f *Flow, seq, cookie uint32, now int64) (mss uint16, ok bool) {
	cookie -= c.hash(f, 0, 0) + seq
	count := uint32(now / period)
	age := (count - cookie>>cookieBits) & (^uint32(0) >> cookieBits)
	if age >= maxAge {
		return 0, false
	}
	data := (cookie - c.hash(f, count-age, 1)) & cookieMask
	table := &sizes[familyIndex(f.Family)]
	if data >= uint32(len(table)) {
		return 0, false
	}
	return table[data], true
}

func familyIndex(f nf.Family) int {
	if f == nf.FamilyIPv6 {
		return 1
	}
	return 0
}
