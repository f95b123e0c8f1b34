package xt

import "testing"

// What the kernel refuses of a program, and what is not known here.
func TestCheckBPF(t *testing.T) {
	type p = []BPFInsn
	ret := BPFInsn{Code: BPFRet}
	for _, c := range []struct {
		program p
		at      int
		want    string
	}{
		{p{ret}, 0, ""},
		{p{{Code: BPFSt, K: 3}, {Code: BPFLd | BPFMem, K: 3}, {Code: BPFRet | BPFA}}, 0, ""},
		{nil, 0, "a program ends with a return"},
		{p{{Code: BPFLd | BPFImm}}, 0, "a program ends with a return"},
		{p{{Code: BPFMisc | 0x40}, ret}, 0, "there is no instruction 0x47"},
		{p{{Code: BPFRet | BPFX}}, 0, "there is no instruction 0xe"},
		{p{{Code: BPFAlu | BPFDiv}, ret}, 0, "a division by zero"},
		{p{{Code: BPFAlu | BPFLsh, K: 32}, ret}, 0, "a shift by 32 bits"},
		{p{{Code: BPFJmp | BPFJeq, JT: 1}, ret}, 0, "the jump leads out of the program"},
		{p{{Code: BPFJmp | BPFJa, K: 0xffffffff}, ret}, 0, "the jump leads out of the program"},
		{p{{Code: BPFSt, K: 16}, ret}, 0, "there are 16 words of memory"},
		{p{{Code: BPFLd | BPFMem, K: 15}, ret}, 0, "the word of memory 15 is not stored before"},
		{p{{Code: BPFJmp | BPFJeq, JF: 1}, {Code: BPFSt, K: 1}, {Code: BPFLdx | BPFMem, K: 1}, ret}, 2, "the word of memory 1 is not stored before"},
		{p{{Code: BPFJmp | BPFJa, K: 1}, {Code: BPFSt, K: 1}, {Code: BPFLdx | BPFMem, K: 1}, ret}, 2, "the word of memory 1 is not stored before"},
		{p{{Code: BPFLd | BPFAbs, K: 0xfffff038}, ret}, 0, "loading random numbers is not supported"},
		{p{{Code: BPFLd | BPFAbs, K: 0xfffff001}, ret}, 0, "there is no property 1 of a packet"},
		{p{{Code: BPFLd | BPFAbs, K: 0xffe00000}, ret}, 0, "loading from the link-layer header is not supported"},
	} {
		at, err := CheckBPF(c.program)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want || at != c.at {
			t.Errorf("%v: instruction %d: %q, want %d: %q", c.program, at, got, c.at, c.want)
		}
	}
}
