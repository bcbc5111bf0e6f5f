/* Counting calls and return values of kernel functions with kprobe events. */
#ifndef PROBES_H
#define PROBES_H

/* Puts a probe on every function that was wanted and says how each went. */
void probes_install(void);
/* "calls" and "ret" messages: absolute counts since the probes were put in. */
void probes_report(void);

#endif
