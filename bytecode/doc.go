// Package bytecode is the format in which the compiler and the virtual machine
// meet: nf_tables' own expressions over its register file, rules made of them,
// chains, sets, objects, and the rules.bin file that carries them.
//
// A Program is pure data: the same input gives the same Program, whatever the
// machine, and nothing in it refers to a running engine. It mirrors what nft
// would send to the kernel one to one, so that its listing can be compared
// with `nft --debug=netlink`; making it fast is the loader's business (see
// package vm).
//
// Everything that comes from a file is untrusted: Decode checks lengths and
// the checksum, Verify checks what the kernel checks at load (registers, jump
// depth, hooks, sizes), and only a Program that passed both is run.
//
// Registers carry nf_tables' netlink numbers: 0 is the verdict register, 1 to 4
// are 16 bytes wide, 8 to 23 are 4 bytes wide and alias them.
package bytecode
