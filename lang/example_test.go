package lang_test

import (
	"fmt"

	"nfvm/lang"
)

func ExampleParse() {
	src := "table inet fw {\n\tchain in {\n\t\ttcp dport { 22, 80 } acept\n\t\tdrop\n\t}\n}\n"
	file, list := lang.Parse("rules.nft", []byte(src), lang.Options{})
	table := file.Commands[0].(*lang.TableCmd)
	chain := table.Body.Items[0].(*lang.Chain)
	fmt.Println(table.Path.FamilyName(), table.Path.Table.Text, chain.Name.Text, len(chain.Rules))
	fmt.Print(list.String())
	// Output:
	// inet fw in 1
	// rules.nft:3:24-28: Error: syntax error, unexpected string 'acept'; did you mean ‘accept’?
	// 		tcp dport { 22, 80 } acept
	// 		                     ^^^^^
}
