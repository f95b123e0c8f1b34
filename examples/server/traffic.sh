# A server's quarter of a minute.
. "$(dirname "$0")/../lib.sh"
server=192.0.2.10 admin=192.0.2.50 alice=198.51.100.5 bob=198.51.100.6 scanner=198.51.100.7 pest=203.0.113.66

web fw 80
dns fw $server --address=/www.example.net/$server --local=/example.net/
dns net 192.0.2.1 --address=/mirror.example.org/198.51.100.5 --local=/example.org/
# ssh NAME ADDRESS: one connection to port 22, answered by a banner.
ssh_from() { printf 'SSH-2.0-client\r\n' | at net nc -w 1 -s $1 $server 22; }

# What the server is for.
at net curl -sS --interface $alice http://$server/index.html http://$server/page.txt -o $TMP/a -o $TMP/b
at net dig +tries=1 -b $alice @$server www.example.net
at net dig +tries=1 -b $bob +tcp @$server www.example.net
talk fw 22
ssh_from $admin

# What it asks itself.
at fw dig +tries=1 @192.0.2.1 mirror.example.org
at fw ping -n -c 2 -i 0.3 192.0.2.1

# Pings: polite, a flood, large, and polite again.
at net ping -n -c 2 -i 0.3 -I $alice $server
sleep 1.3
at net ping -n -q -c 12 -i 0.002 -W 1 -I $bob $server || true
sleep 1.3
at net ping -n -c 2 -i 0.4 -s 3000 -I $admin $server

# Guessing passwords: the fourth new connection within the minute is refused.
for i in 1 2 3 4 5; do
	at net nc -z -w 1 -s $bob $server 22 || true
done

# Closed doors.
at net nc -z -w 1 -s $alice $server 443 || true  # allowed, but nothing listens: RST by the stack
at net nc -z -w 1 -s $alice $server 113 || true  # ident: reset by the rules
at net nc -z -w 1 -s $alice $server 8443 || true # prohibited by the rules
at net nc -u -w 1 -s $alice $server 161 <<<"snmp" || true # port unreachable by the rules
at net nc -u -w 1 -s $alice $server 514 <<<"<13>syslog" || true # allowed, nothing listens
at net traceroute -n -q 1 -N 1 -m 2 -w 1 -s $bob $server
at net curl -sS --max-time 1 --interface $pest http://$server/ || true # blocked, without an answer
scan="nmap -n -Pn --send-ip --disable-arp-ping --max-retries 1 --initial-rtt-timeout 150ms --max-rtt-timeout 150ms -e eth0"
at net $scan -sS -S $scanner -p 21-25,53,80,113,443,3306,8080 $server
at net $scan -sF -S $scanner -p 80,443 $server
at net $scan -sU -S $scanner -p 53,123,161 $server

# Let the connections that were reset expire, rather than be on the edge of it.
sleep 3
