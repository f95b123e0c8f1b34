package bytecode

// A Reg is a register by its netlink number (linux/netfilter/nf_tables.h, enum
// nft_registers): 0 the verdict, 1..4 16-byte registers, 8..23 4-byte ones.
type Reg uint8

const (
	RegVerdict Reg = 0
	Reg1       Reg = 1
	Reg2       Reg = 2
	Reg3       Reg = 3
	Reg4       Reg = 4
	Reg32First Reg = 8
)

// An Expr is one nf_tables expression of a rule.
type Expr interface {
	// Name is the expression's kernel name, such as "payload" or "cmp".
	Name() string
	// String is the expression in brackets, as nft --debug=netlink prints it.
	String() string
	// code writes or reads the expression's fields.
	code(c *coder)
}
