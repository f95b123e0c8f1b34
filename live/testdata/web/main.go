// Web is the server that the tests of live fetch from.
package main

import (
	"crypto/sha256"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

func main() {
	large := make([]byte, 5_000_000)
	for i := range large {
		large[i] = byte(i * 7)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "hello") })
	http.HandleFunc("/large", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(large) })
	http.HandleFunc("/peer", func(w http.ResponseWriter, r *http.Request) {
		host, _, _ := net.SplitHostPort(r.RemoteAddr)
		fmt.Fprintln(w, host)
	})
	http.HandleFunc("/count", func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		fmt.Fprintln(w, n, err)
	})
	http.HandleFunc("/slow", func(w http.ResponseWriter, _ *http.Request) { // 300 kB a second
		for rest := large; len(rest) > 0; time.Sleep(200 * time.Millisecond) {
			n := min(60_000, len(rest))
			if _, err := w.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
	})
	http.HandleFunc("/sum", func(w http.ResponseWriter, r *http.Request) {
		h := sha256.New()
		_, err := io.Copy(h, r.Body)
		fmt.Fprintf(w, "%x %v\n", h.Sum(nil), err)
	})
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}
