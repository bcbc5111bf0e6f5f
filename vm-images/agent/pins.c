#include "pins.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/uio.h>
#include <unistd.h>

#include "limits.h"

static struct {
	bool used;
	int region;
	int ends[2];
} pins[PINS_MAX];

static void drop(int pin)
{
	pins[pin].used = false;
	close(pins[pin].ends[0]);
	close(pins[pin].ends[1]);
}

static int fill_pipe(int pipe, void *start, size_t bytes)
{
	struct iovec rest = { .iov_base = start, .iov_len = bytes };

	/* A pipe has room for one page in each page's worth of its size. */
	if (fcntl(pipe, F_SETPIPE_SZ, (int)bytes) < 0)
		return errno;
	while (rest.iov_len > 0) {
		ssize_t done = vmsplice(pipe, &rest, 1, SPLICE_F_NONBLOCK);

		if (done <= 0)
			return done < 0 ? errno : EIO;
		rest.iov_base = (char *)rest.iov_base + done;
		rest.iov_len -= (size_t)done;
	}
	return 0;
}

int pins_add(int region, void *start, size_t bytes)
{
	int pin = 0;

	while (pin < PINS_MAX && pins[pin].used)
		pin++;
	if (pin == PINS_MAX)
		return EMFILE;
	if (pipe2(pins[pin].ends, O_CLOEXEC) < 0)
		return errno;
	pins[pin].used = true;
	pins[pin].region = region;
	int error = fill_pipe(pins[pin].ends[1], start, bytes);

	if (error != 0)
		drop(pin);
	return error;
}

void pins_drop(int region)
{
	for (int pin = 0; pin < PINS_MAX; pin++)
		if (pins[pin].used && (region < 0 || pins[pin].region == region))
			drop(pin);
}
