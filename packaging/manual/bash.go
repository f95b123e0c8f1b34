package main

import (
	"fmt"
	"strings"
)

// completion writes a completion for bash: flags, commands and the words behind
// them, interfaces behind --iface, and files.
func completion(p *page) string {
	commands, next := p.commands()
	var b strings.Builder
	fmt.Fprintf(&b, `# Completion of %[1]s for bash.
_%[1]s() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} words=
	case $prev in
	--iface) words=$(ls /sys/class/net 2>/dev/null) ;;
`, p.name)
	for _, c := range commands {
		if len(next[c]) > 0 {
			fmt.Fprintf(&b, "\t%s) words=%q ;;\n", c, strings.Join(next[c], " "))
		}
	}
	fmt.Fprintf(&b, `	esac
	[ "$COMP_CWORD" = 1 ] && words=%q
	case $cur in
	-*) words=%q ;;
	esac
	COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _%s %[3]s
`, strings.Join(commands, " "), strings.Join(p.flags(), " "), p.name)
	return b.String()
}
