# The hosts of a small network.
. "$(dirname "$0")/../lib.sh"
www=198.51.100.10
web router 80
web printer 9100 # takes what it is sent
talk pc 22

# What they are for. The PC has forgotten its neighbours and asks.
at pc ip neigh flush dev eth0
at pc curl -sS http://$www/index.html
at pc curl -sS http://192.168.1.20:9100/index.html
at pc ping -n -c 2 -i 0.3 -s 2000 $www
at guest curl -sS http://$www/index.html

# Kept apart: the guest from the others, the printer from everybody, the world from
# the printer, and from the PC but for ssh, which is not to be tried too often.
at guest curl -sS --max-time 1 http://192.168.1.20:9100/ || true
at guest nc -z -w 1 192.168.1.10 22 || true
at printer curl -sS --max-time 1 http://$www/ || true
at router nc -z -w 1 192.168.1.20 9100 || true
printf 'SSH-2.0-client\r\n' | at router nc -w 2 -s $www 192.168.1.10 22
for i in 1 2; do at router nc -z -w 1 -s $www 192.168.1.10 22 || true; done

# An answer by the bridge, in the name of who was asked.
at pc nc -z -w 1 $www 25 || true

# The guest tries to be somebody else: by IPv4, by ARP, as a DHCP server, over IPv6.
frame="nping -q -N -c 1 --dest-mac 02:00:00:00:01:10"
at guest $frame --udp -p 9 -S 192.168.1.1 192.168.1.10 >/dev/null
at guest $frame --source-mac 02:00:00:00:01:01 --udp -p 9 192.168.1.10 >/dev/null
at guest $frame --arp-type ARP-reply --arp-sender-mac 02:00:00:00:01:66 --arp-sender-ip 192.168.1.1 \
	--arp-target-mac 02:00:00:00:01:10 --arp-target-ip 192.168.1.10 192.168.1.10 >/dev/null
at guest $frame --udp -g 67 -p 68 192.168.1.10 >/dev/null
at guest ping -6 -n -q -c 1 -W 1 ff02::1%eth0 >/dev/null || true
sleep 3
