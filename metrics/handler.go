package metrics

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	prom "github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// namespace begins the names of all metrics that are not of Go or the process.
const namespace = "nfvm"

// A source is a prom.Collector of Figures.
type source struct {
	figures func() *Figures
	descs   []*prom.Desc
}

func newSource(figures func() *Figures) *source {
	s := &source{figures: figures}
	for _, f := range families {
		s.descs = append(s.descs, prom.NewDesc(namespace+"_"+f.name, f.help, f.labels, nil))
	}
	return s
}

// Describe tells what metrics there are.
func (s *source) Describe(ch chan<- *prom.Desc) {
	for _, d := range s.descs {
		ch <- d
	}
}

// Collect asks for the figures once and sends all metrics.
func (s *source) Collect(ch chan<- prom.Metric) {
	figures := s.figures()
	for i := range families {
		f := &families[i]
		f.each(figures, func(v float64, labels ...string) {
			for i := range labels {
				labels[i] = strings.ToValidUTF8(labels[i], "\uFFFD")
			}
			ch <- prom.MustNewConstMetric(s.descs[i], f.kind, v, labels...)
		})
	}
}

// Handler answers GET and HEAD of /metrics with what figures gives, and with
// figures of the Go runtime and the process.
func Handler(figures func() *Figures, log *slog.Logger) http.Handler {
	reg := prom.NewPedanticRegistry()
	reg.MustRegister(newSource(figures), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(reg, promhttp.HandlerOpts{
		ErrorLog: printer{log}, MaxRequestsInFlight: 2, Timeout: 10 * time.Second, EnableOpenMetrics: true,
	}))
	return mux
}

// A printer logs what the library has to say.
type printer struct{ log *slog.Logger }

// Println logs a mistake.
func (p printer) Println(v ...any) { p.log.Error("metrics", "err", v) }

// Serve answers requests until the listener is closed.
func Serve(l net.Listener, h http.Handler, log *slog.Logger) {
	s := &http.Server{
		Handler: h, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	if err := s.Serve(l); err != nil && !errors.Is(err, net.ErrClosed) {
		log.Error("metrics are not served any more", "err", err)
	}
}
