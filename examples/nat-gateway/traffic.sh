# A quarter of an hour in an office, in some seconds.
. "$(dirname "$0")/../lib.sh"
www=198.51.100.80 ftp=198.51.100.21 sip=198.51.100.60 stranger=198.51.100.66 public=203.0.113.7

web isp 80
web web 80
ftp isp
ftp files

# The PC reads a page, and fetches files: extended passive, passive and active,
# the last two with addresses in what is said.
at pc curl -sS http://$www/index.html -o $TMP/a
at pc curl -sS ftp://$ftp/notes.txt -o $TMP/b
at pc curl -sS --disable-epsv ftp://$ftp/notes.txt -o $TMP/c
at pc curl -sS --ftp-port - --disable-eprt ftp://$ftp/notes.txt -o $TMP/d
at pc curl -sS --ftp-port - ftp://$ftp/ -o $TMP/e

# From outside: the published servers, in both FTP modes.
at isp curl -sS --interface $stranger http://$public:8080/index.html -o $TMP/f
at isp curl -sS --interface $stranger --disable-epsv --ftp-skip-pasv-ip ftp://$public/notes.txt -o $TMP/g
at isp curl -sS --interface $stranger --ftp-port $stranger --disable-eprt ftp://$public/notes.txt -o $TMP/h

# The office at its own public address: in by one door and out by the same.
at pc curl -sS http://$public:8080/index.html -o $TMP/i
at pc curl -sS --disable-epsv ftp://$public/notes.txt -o $TMP/j

# The telephone calls somebody, who hangs up two seconds later; both talk.
at isp sipp -sn uas -i $sip -p 5060 -mp 6000 -rtp_echo -m 1 -nostdin >$TMP/uas.log 2>&1 &
wait_port isp 5060
sipp -sd uac 2>/dev/null | sed 's/\[media_port\]/7078/' >$TMP/call.xml # sipp keeps a port that it announces
at phone sipp -sf $TMP/call.xml -i 192.168.10.60 -p 5060 -mp 9000 -d 2000 -m 1 -nostdin $sip:5060 >$TMP/uac.log 2>&1 &
call=$!
sleep 1
for i in 1 2 3; do echo "voice $i"; sleep 0.2; done | at phone nc -u -p 7078 -w 1 $sip 6000
wait $call

# Strangers: a port that nobody published, a data connection that nobody announced.
at isp nc -z -w 1 -s $stranger $public 22 || true
at isp nc -z -w 1 -s $stranger $public 20021 || true
at isp ping -n -c 1 -W 1 -I $stranger $public || true
at isp nc -z -w 1 -s $stranger 192.168.10.10 22 || true # straight to a private address
