# Eight clients of a busy place.
. "$(dirname "$0")/../lib.sh"
vip=203.0.113.80
for i in 1 2 3; do
	web s$i 8080 8443
	dns s$i 10.0.0.1$i --txt-record=who.example.net,s$i
done
# get CLIENT PORT: one page over a connection of its own.
get() { at net curl -sS --interface 198.51.100.$1 http://$vip:$2/index.html; }

# Round robin with weights: two rounds of six, whoever asks.
for i in 1 2 3 4 5 6 7 8 1 2 3 4; do get $i 80; done

# Source hashing: everybody twice.
for i in 1 2 3 4 5 6 7 8 8 7 6 5 4 3 2 1; do get $i 443; done

# Persistence: each stays where the first connection went.
for i in 1 1 2 1 2 3 2 3 1 4; do get $i 8443; done

# Datagrams.
for i in 1 2 3 1 2; do at net dig +tries=1 +short -b 198.51.100.$i @$vip who.example.net TXT; done

# A server fetches something itself; a service that is none.
talk net 22 -s 198.51.100.8
printf 'SSH-2.0-client\r\n' | at s1 nc -w 2 198.51.100.8 22
at net nc -z -w 1 -s 198.51.100.7 $vip 25 || true
