package main

const usage = `usage: nftc FILE... -o RULES.BIN     compile; the files are one transaction
       nftc -c FILE...               check only
       nftc --debug=netlink FILE...  print the bytecode
       nftc list RULES.BIN [-j] [-a] print the ruleset as nft list ruleset
       nftc dump RULES.BIN           print the bytecode of a compiled file
       nftc features [PREFIX...]     print what is supported, feature by feature

FILE may be - (standard input).

  -o, --output FILE       where to write the compiled rules
  -c, --check             write nothing
  -d, --debug=netlink     print every set and rule as nft --debug=netlink does
  -O0, -O1                -O0: exactly nft's bytecode; -O1 (default) may optimise
      --from=LANGUAGE     nft, json, iptables, ip6tables, arptables or ebtables
  -I, --includepath DIR   where to look for included files
  -D, --define NAME=VALUE define a variable
      --ifaces FILE       interfaces: lines of name TAB index, or HOST.json
      --users FILE        users and groups: lines of name TAB id
  -j, --json              list as JSON
  -a, --handle            list with handles
`
