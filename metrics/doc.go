// Package metrics serves the figures of a packet filter to Prometheus
// (https://prometheus.io/docs/instrumenting/exposition_formats). What they are is
// asked for at each scrape, so nothing is counted twice.
package metrics
