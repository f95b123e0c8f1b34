package lang

// kind is the kind of a token, as nft's scanner tells them apart.
type kind uint8

const (
	tEOF kind = iota
	tNewline
	tSemicolon
	tWord     // bare word, keyword or not
	tQuoted   // "…"
	tAsterisk // eth*, \*
	tNumber
	tBigNumber // does not fit 64 bits, or a bad octal: nft takes it as a string
	tIPv4
	tIPv6
	tMAC
	tTime
	tClassID
	tComma
	tDot
	tColon
	tLBrace
	tRBrace
	tLBracket
	tRBracket
	tLParen
	tRParen
	tLshift
	tRshift
	tCaret
	tAmp
	tPipe
	tNot
	tSlash
	tDash
	tStar
	tAt
	tDollar
	tAssign
	tPlus
	tEq
	tNeq
	tLt
	tLe
	tGt
	tGe
	tJunk
	tElems // many elements of a set, see folder
	tElemsData
	tElemsVerdict
)

// kindNames are nft's names for tokens in messages.
var kindNames = [...]string{
	tEOF: "end of file", tNewline: "newline", tSemicolon: "semicolon",
	tWord: "string", tQuoted: "quoted string", tAsterisk: "string with a trailing asterisk",
	tNumber: "number", tBigNumber: "string", tIPv4: "string", tIPv6: "string", tMAC: "string",
	tTime: "string", tClassID: "string", tComma: "comma", tDot: ".", tColon: "colon",
	tLBrace: "'{'", tRBrace: "'}'", tLBracket: "'['", tRBracket: "']'", tLParen: "'('",
	tRParen: "')'", tLshift: "<<", tRshift: ">>", tCaret: "^", tAmp: "&", tPipe: "'|'",
	tNot: "!", tSlash: "/", tDash: "-", tStar: "*", tAt: "@", tDollar: "'$'", tAssign: "'='",
	tPlus: "+", tEq: "==", tNeq: "!=", tLt: "<", tLe: "<=", tGt: ">", tGe: ">=", tJunk: "junk",
	tElems: "string", tElemsData: "string", tElemsVerdict: "string",
}

// token is one token: its kind and the offsets of its text in the source.
type token struct {
	start, end uint32
	kind       kind
}

// isString reports whether nft's scanner calls the token a STRING (if it is no
// keyword).
func (k kind) isString() bool {
	switch k {
	case tWord, tBigNumber, tIPv4, tIPv6, tMAC, tTime, tClassID:
		return true
	}
	return false
}

// isRun reports whether the token stands for many elements.
func (k kind) isRun() bool { return k >= tElems }

// startsStmt reports whether a statement can start with such a token.
func (k kind) startsStmt() bool {
	switch k {
	case tWord, tQuoted, tAsterisk, tNumber, tBigNumber, tIPv4, tIPv6, tMAC, tTime, tClassID, tAt, tDollar,
		tLParen, tLBrace:
		return true
	}
	return false
}
