/* The state of the world after a step. Reading it changes nothing that is counted. */
#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

/* Opens what is read after every step, and says what the kernel cannot tell. */
void report_prepare(void);
/* Waits until no page is under writeback; false when there still are some at the deadline. */
bool report_wait_writeback(void);
/* Sends the state: vmstat, folio statistics, swap areas, calls, and where every page is. */
void report_send(void);

#endif
