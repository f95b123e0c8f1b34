# Shell functions shared by the examples' setup.sh and traffic.sh.
# The recorder sets NS, the prefix of all namespaces, and TMP, a scratch directory.

# at NAME COMMAND...: run a command at a namespace.
at() { local n=$1; shift; ip netns exec "$NS$n" "$@"; }

# namespace NAME [v4]: make one; v4 keeps IPv6 out of it.
namespace() {
	ip netns add "$NS$1"
	at "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 \
		net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 \
		net.ipv6.conf.default.router_solicitations=0 net.ipv6.conf.default.accept_ra=0
	if [ "${2-}" = v4 ]; then
		at "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1
	fi
	at "$1" ip link set lo up
}

# cable NS1 IF1 NS2 IF2: a veth pair without offloads, so that each frame has its
# checksums and none is larger than the wire allows.
cable() {
	ip link add "$2" netns "$NS$1" type veth peer name "$4" netns "$NS$3"
	local n i
	for n in "$1 $2" "$3 $4"; do
		i=${n#* } n=${n% *}
		at "$n" ethtool -K "$i" tx off gso off tso off gro off >/dev/null
		at "$n" ip link set "$i" gso_max_segs 1
		at "$n" ip link set "$i" up
	done
}

# wait_port NAME PORT: until something listens there.
wait_port() {
	local i
	for i in $(seq 50); do
		[ -n "$(at "$1" ss -Hltun "sport = :$2")" ] && return
		sleep 0.1
	done
	echo "nothing listens on port $2 at $1" >&2
	return 1
}

# web NAME PORT...: nginx with a small page and a larger one.
web() {
	local d=$TMP/web-$1 n=$1 p listen=
	shift
	for p; do listen+="listen $p; listen [::]:$p; "; done
	mkdir -p "$d"
	echo "<html><body>It works, says $n.</body></html>" >"$d/index.html"
	seq -f "%06.0f The quick brown fox jumps over the lazy dog." 300 >"$d/page.txt"
	chmod -R a+rX "$TMP"
	cat >"$d/nginx.conf" <<EOF
worker_processes 1; daemon off; pid $d/pid; error_log $d/error.log;
events { worker_connections 64; }
http { access_log off; server { $listen root $d; } }
EOF
	at "$n" nginx -c "$d/nginx.conf" &
	wait_port "$n" "$1"
}

# dns NAME ADDRESS [OPTION...]: dnsmasq that answers for example.net.
dns() {
	local n=$1 a=$2
	shift 2
	at "$n" dnsmasq -k --user=root --pid-file= --no-resolv --no-hosts --no-daemon --log-facility=- \
		--bind-interfaces --except-interface=lo --listen-address="$a" "$@" &
	wait_port "$n" 53
}

# ftp NAME: vsftpd with one file for anybody. Its child gives up root and then binds
# port 20.
ftp() {
	local d=$TMP/ftp-$1
	mkdir -p "$d/files" "$d/empty"
	seq -f "%03.0f What is worth keeping is worth fetching." 40 >"$d/files/notes.txt"
	chmod -R a+rX "$TMP"
	cat >"$d/vsftpd.conf" <<EOC
anonymous_enable=YES
anon_root=$d/files
secure_chroot_dir=$d/empty
background=NO
listen=YES
connect_from_port_20=YES
pasv_min_port=20001
pasv_max_port=30000
xferlog_enable=NO
isolate=NO
isolate_network=NO
seccomp_sandbox=NO
EOC
	at "$1" sysctl -qw net.ipv4.ip_unprivileged_port_start=0
	at "$1" vsftpd "$d/vsftpd.conf" &
	wait_port "$1" 21
}

# talk NAME PORT [OPTION...]: nc that answers one connection with a banner.
talk() {
	local n=$1 p=$2
	shift 2
	printf 'SSH-2.0-example_9.2\r\n' | at "$n" nc -l "$@" -q 1 -p "$p" >/dev/null &
	wait_port "$n" "$p"
}

# warm NAME ADDRESS...: learn the neighbours before the recording, so that no
# packet of it waits for an answer to ARP and leaves late.
warm() {
	local n=$1 a
	shift
	for a; do at "$n" ping -n -q -c 1 -W 2 "$a" >/dev/null; done
}
