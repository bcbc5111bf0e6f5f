#include "output.h"

#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "children.h"
#include "files.h"
#include "limits.h"
#include "wire.h"

/* Bytes of output in one message: a multiple of three, which base64 makes four of. */
#define PIECE_BYTES 1440

static struct stream {
	int fd;
	unsigned long long bytes;
	/* The last of them that are still to be sent. */
	char waiting[PIECE_BYTES];
	size_t waiting_bytes;
	/* Of those that are not sent as they come the last, in a ring. */
	char end[OUTPUT_END_BYTES];
} streams[2] = { { .fd = -1 }, { .fd = -1 } };

static void encode(const unsigned char *bytes, size_t count, char *text)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < count; i += 3) {
		unsigned value = (unsigned)bytes[i] << 16 | (i + 1 < count ? (unsigned)bytes[i + 1] << 8 : 0) | (i + 2 < count ? bytes[i + 2] : 0);
		size_t used = count - i >= 3 ? 4 : count - i + 1;

		for (size_t digit = 0; digit < used; digit++)
			*text++ = digits[value >> (18 - 6 * digit) & 63];
	}
	*text = '\0';
}

static void send_piece(int stream, unsigned long long at, const char *bytes, size_t count)
{
	char text[PIECE_BYTES / 3 * 4 + 1];
	struct message message;

	encode((const unsigned char *)bytes, count, text);
	message_begin(&message, "out");
	message_number(&message, "stream", (unsigned long long)stream);
	message_number(&message, "at", at);
	message_text(&message, "data", text);
	wire_send(&message);
}

static void flush(int number)
{
	struct stream *stream = &streams[number];

	if (stream->waiting_bytes > 0)
		send_piece(number, stream->bytes - stream->waiting_bytes, stream->waiting, stream->waiting_bytes);
	stream->waiting_bytes = 0;
}

/* Puts what fits until something is full; the number of bytes taken. */
static size_t take_some(int number, const char *bytes, size_t count)
{
	struct stream *stream = &streams[number];
	bool at_once = stream->bytes < OUTPUT_BEGINNING_BYTES;
	size_t place = at_once ? stream->waiting_bytes : stream->bytes % OUTPUT_END_BYTES;
	size_t room = at_once ? PIECE_BYTES - place : OUTPUT_END_BYTES - place;

	if (at_once && room > OUTPUT_BEGINNING_BYTES - stream->bytes)
		room = (size_t)(OUTPUT_BEGINNING_BYTES - stream->bytes);
	if (count > room)
		count = room;
	memcpy((at_once ? stream->waiting : stream->end) + place, bytes, count);
	stream->bytes += count;
	if (at_once)
		stream->waiting_bytes += count;
	if (stream->waiting_bytes == PIECE_BYTES || stream->bytes == OUTPUT_BEGINNING_BYTES)
		flush(number);
	return count;
}

/* False when there is nothing now; a stream that has ended is closed. */
static bool read_once(int number)
{
	char bytes[16384];
	ssize_t got = streams[number].fd < 0 ? -1 : read(streams[number].fd, bytes, sizeof(bytes));

	for (ssize_t taken = 0; taken < got;)
		taken += (ssize_t)take_some(number, bytes + taken, (size_t)(got - taken));
	if (got == 0) {
		close(streams[number].fd);
		streams[number].fd = -1;
	}
	return got > 0;
}

void output_begin(int out, int err)
{
	const int fds[] = { out, err };

	for (int i = 0; i < 2; i++) {
		streams[i].fd = fds[i];
		streams[i].bytes = 0;
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
}

static void flush_sometimes(void)
{
	static long long last_ms;

	if (now_ms() - last_ms < PROGRAM_LOOK_MS)
		return;
	last_ms = now_ms();
	flush(0);
	flush(1);
}

void output_take(int timeout_ms)
{
	struct pollfd inputs[2];

	for (int i = 0; i < 2; i++)
		inputs[i] = (struct pollfd){ .fd = streams[i].fd, .events = POLLIN };
	/* In turn, and not for ever: somebody has to look at the time. */
	if (wait_for_any(inputs, 2, timeout_ms) == WAKE_INPUT)
		for (int round = 0; round < OUTPUT_ROUNDS && (read_once(0) | read_once(1)); round++)
			;
	flush_sometimes();
}

/* What was not sent at once, or the end of it. */
static void send_end(int number)
{
	const struct stream *stream = &streams[number];
	unsigned long long at = OUTPUT_BEGINNING_BYTES;

	if (stream->bytes > at + OUTPUT_END_BYTES)
		at = stream->bytes - OUTPUT_END_BYTES;
	while (at < stream->bytes) {
		size_t place = at % OUTPUT_END_BYTES, count = PIECE_BYTES;

		if (count > OUTPUT_END_BYTES - place)
			count = OUTPUT_END_BYTES - place;
		if (count > stream->bytes - at)
			count = (size_t)(stream->bytes - at);
		send_piece(number, at, stream->end + place, count);
		at += count;
	}
}

void output_finish(void)
{
	for (int i = 0; i < 2; i++) {
		/* What hangs on to it was killed and may not have let go yet: a pipe holds no more than this. */
		for (int round = 0; round < OUTPUT_ROUNDS && read_once(i); round++)
			;
		flush(i);
		send_end(i);
		if (streams[i].fd >= 0)
			close(streams[i].fd);
		streams[i].fd = -1;
	}
}

unsigned long long output_bytes(int stream)
{
	return streams[stream].bytes;
}
