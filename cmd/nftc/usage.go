package main

const usage = `usage: nftc FILE... -o RULES.BIN     compile; the files are one transaction
       nftc -c FILE...               check only
       nftc --debug=netlink FILE...  print the bytecode
       nftc -i [FILE...]             read commands line by line; list shows what they
                                     make of FILE, -o FILE writes it at the end
       nftc list FILE [WHAT]         print the ruleset as nft list does; WHAT is
                                     tables, chains, chain ip t c, sets, ...
       nftc dump FILE                print the bytecode of a compiled file
       nftc describe EXPRESSION      print what a field, key or datatype is
       nftc fmt [-w] [-l] FILE...    lay rules out, comments kept; -w in place,
                                     -l: name the files that would change
       nftc features [PREFIX...]     print what is supported, feature by feature

FILE may be - (standard input).

Compiling:
  -f, --file FILE         another way to name a file
  -o, --output FILE       where to write the compiled rules
  -c, --check             write nothing
  -o, --optimize          merge rules as nft does and tell which; -o stands before
                          another flag then, or last
  -D, --define NAME=VALUE define a variable
  -I, --includepath DIR   where to look for included files
  -e, --echo              print what was added, as commands; -a with handles
  -i, --interactive       read commands from the terminal or standard input
  -d, --debug=netlink     print every set and rule as nft --debug=netlink does
  -O0, -O1                -O0: exactly nft's bytecode; -O1 (default) may optimise
      --from=LANGUAGE     nft, json, iptables, ip6tables, arptables or ebtables
      --ifaces FILE       interfaces: lines of name TAB index, or HOST.json
      --users FILE        users and groups: lines of name TAB id
  -j, --json              print mistakes as JSON

Listing:
  -a, --handle            with handles
  -s, --stateless         without counters and the like
  -t, --terse             without elements of sets
  -S, --service           ports by name
  -N, --reversedns        addresses by the names that this machine knows
  -u, --guid              users and groups by name
  -n, --numeric           everything as numbers
  -y, --numeric-priority  priorities of chains as numbers
  -p, --numeric-protocol  layer 4 protocols as numbers
  -T, --numeric-time      times as numbers
  -j, --json              as JSON
      --nft=VERSION       text as nft 1.0 (default) or 1.1 prints it

  -h, --help              this text
  -v, --version           the version; -V with the language and format
`
