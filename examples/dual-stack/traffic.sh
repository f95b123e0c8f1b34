# A morning at the office, mostly over IPv6.
. "$(dirname "$0")/../lib.sh"
far4=198.51.100.10 far6=2001:db8:99::10 resolver6=2001:db8:99::53 bad4=198.51.100.66 bad6=2001:db8:99::66
www4=192.0.2.80 www6=2001:db8:2::80

web net 80
web www 80
dns net $resolver6 --listen-address=198.51.100.53 \
	--address=/far.example.net/$far4 --address=/far.example.net/$far6 --local=/example.net/
talk www 22 -6

# The PC loads a page over IPv6, and one over IPv4.
at pc dig +tries=1 @$resolver6 far.example.net AAAA
at pc curl -6 -sS "http://[$far6]/index.html" "http://[$far6]/page.txt" -o $TMP/a -o $TMP/b
at pc dig +tries=1 @198.51.100.53 far.example.net A
at pc curl -4 -sS http://$far4/page.txt -o $TMP/c

# Pings, small, fragmented, and too large for the uplink; the way there.
at pc ping -6 -n -c 2 -i 0.3 $far6
at pc ping -6 -n -c 2 -i 0.3 -s 3000 $far6
at pc ping -4 -n -c 1 -s 3000 $far4
at pc ping -6 -n -c 1 -W 1 -M do -s 1452 $resolver6 || true # packet too big
at pc traceroute -6 -n -q 2 -m 3 -w 1 $far6
at pc traceroute -4 -n -I -q 2 -m 3 -w 1 $far4

# Into the server network: from the office, and from the world.
at pc curl -6 -sS "http://[$www6]/index.html" -o $TMP/d
printf 'SSH-2.0-client\r\n' | at pc nc -6 -w 2 $www6 22
at net curl -6 -sS --interface $far6 "http://[$www6]/page.txt" -o $TMP/e
at net curl -4 -sS --interface $far4 http://$www4/index.html -o $TMP/f
at net ping -6 -n -c 2 -i 0.3 -I $far6 $www6
at pc curl -6 -sS --max-time 1 "http://[$www6]:81/" || true # nothing listens there

# Forbidden: an address, mail, the office from outside, ssh from outside.
at pc curl -6 -sS --max-time 1 "http://[$bad6]/" || true
at pc curl -4 -sS --max-time 1 http://$bad4/ || true
at pc nc -6 -z -w 1 $far6 25 || true
at net nc -6 -z -w 1 -s $far6 2001:db8:1::10 22 || true
at net nc -6 -z -w 1 -s $far6 $www6 22 || true
at net nc -6 -u -w 1 -s $far6 2001:db8:1::10 5353 <<<"hello" || true
at www curl -6 -sS --max-time 1 "http://[2001:db8:1::10]/" || true # a server has no business in the office

# No such place, and a place one may not go.
at pc ping -6 -n -c 1 -W 1 2001:db8:dead::1 || true
at pc ping -4 -n -c 1 -W 1 198.51.100.200 || true

# The firewall itself. Its neighbours have forgotten it, and ask.
at pc ip -6 neigh flush dev eth0
at net ip -6 neigh flush dev eth0
at pc ping -6 -n -c 2 -i 0.3 2001:db8:1::1
at fw ping -6 -n -c 2 -i 0.3 $far6
at net ping -6 -n -c 1 -W 1 -I $bad6 2001:db8:ffff::7 || true
scan="nmap -n -Pn --send-ip --max-retries 1 --initial-rtt-timeout 150ms --max-rtt-timeout 150ms"
at net $scan -6 -sS -p 22,25,80,443,8080 $www6

# Let the connections that were reset expire, rather than be on the edge of it.
sleep 3
