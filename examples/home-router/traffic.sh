# An evening at home.
. "$(dirname "$0")/../lib.sh"
www=198.51.100.10 resolver=198.51.100.53 stranger=198.51.100.66 evil=198.51.100.99 public=203.0.113.7

# Servers of the Internet, of the home, and the router's own DNS forwarder.
web isp 80
dns isp $resolver --listen-address=$www --address=/www.example.net/$www --local=/example.net/
web nas 80
dns fw 192.168.1.1 --server=$resolver
talk isp 22 -s $www
talk fw 22 -s 192.168.1.1

# The PC goes out.
at pc ping -n -c 3 -i 0.3 $www
at pc dig +tries=1 @192.168.1.1 www.example.net
at pc dig +tries=1 @192.168.1.1 www.example.net AAAA
at pc dig +tries=1 +tcp @$resolver www.example.net
at pc curl -sS http://$www/index.html http://$www/page.txt -o $TMP/a -o $TMP/b
at pc traceroute -n -q 3 -m 3 -w 1 $www
at pc ping -n -c 2 -i 0.3 -s 3000 $www
at pc ping -n -c 1 -W 1 -M do -s 1472 $resolver || true # the router: fragmentation needed
printf 'SSH-2.0-client\r\n' | at pc nc -w 2 $www 22
at pc curl -sS --max-time 2 http://$www:81/ || true # refused by the far host

# What the router forbids.
at pc nc -z -w 1 $www 25 || true          # mail: reset by the rules
at pc curl -sS --max-time 1 http://$evil/ || true # a bad address: prohibited by the rules
at pc nc -u -w 1 $www 137 <<<"NetBIOS" || true # never leaves the house

# The router itself, from inside.
at pc ping -n -c 2 -i 0.3 192.168.1.1
printf 'SSH-2.0-client\r\n' | at pc nc -w 2 192.168.1.1 22
at pc nc -z -w 1 192.168.1.1 443 || true # nothing listens: the router's own RST
at pc nc -u -w 1 192.168.1.1 9 <<<"discard" || true # and its own port unreachable

# The port forward, from outside and from inside through the public address.
at isp curl -sS --max-time 3 --interface $stranger http://$public:8080/page.txt -o $TMP/c
at pc curl -sS --max-time 3 http://$public:8080/index.html -o $TMP/d

# Strangers knock.
at isp ping -n -c 3 -i 0.3 -I $stranger $public
scan="nmap -n -Pn --send-ip --disable-arp-ping --max-retries 1 --initial-rtt-timeout 150ms --max-rtt-timeout 150ms"
at isp $scan -sS -p 22,23,80,443,3389,8080 $public
at isp $scan -sA -p 22,8080 $public # bare ACKs
at isp $scan -sX -p 22,8080 $public # FIN, PSH and URG
at isp nc -u -w 1 $public 5353 <<<"hello" || true
at fw ping -n -c 2 -i 0.3 $www # the router's own
