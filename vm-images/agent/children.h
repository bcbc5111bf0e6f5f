/* Waiting for input while children may die: a death wakes the wait, it is never polled for. */
#ifndef CHILDREN_H
#define CHILDREN_H

#include <poll.h>

enum wake {
	WAKE_INPUT,
	WAKE_CHILD,
	WAKE_TIMEOUT,
};

/* Once, before the first child. */
void children_watch(void);
/* Until fd can be read, a child has ended (it has been reaped then), or the time is over; -1 waits for ever. */
enum wake wait_for(int fd, int timeout_ms);
/* The same for several; those with a negative fd are left out. */
enum wake wait_for_any(struct pollfd *inputs, nfds_t count, int timeout_ms);
/* In a child: back to the signal state that any program expects. */
void children_forget(void);

#endif
