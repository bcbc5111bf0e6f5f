#include "wire.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "children.h"
#include "files.h"

static int port = -1;
static unsigned long long next_out, next_in, out_at_request;
static long long last_out_ms;
static uint32_t crc_table[256];

static void crc_prepare(void)
{
	for (uint32_t byte = 0; byte < 256; byte++) {
		uint32_t value = byte;

		for (int bit = 0; bit < 8; bit++)
			value = value & 1 ? value >> 1 ^ 0xedb88320u : value >> 1;
		crc_table[byte] = value;
	}
}

static uint32_t crc_add(uint32_t crc, const char *bytes, size_t length)
{
	while (length-- > 0)
		crc = crc >> 8 ^ crc_table[(crc ^ (unsigned char)*bytes++) & 0xff];
	return crc;
}

/* Over "<seq> <payload>". */
static uint32_t frame_crc(unsigned long long seq, const char *payload, size_t length)
{
	char head[24];
	int head_length = snprintf(head, sizeof(head), "%llu ", seq);

	return ~crc_add(crc_add(~0u, head, (size_t)head_length), payload, length);
}

bool wire_open(const char *path)
{
	struct termios mode;

	crc_prepare();
	port = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (port < 0 || tcgetattr(port, &mode) < 0)
		return false;
	cfmakeraw(&mode);
	mode.c_cflag |= CLOCAL | CREAD;
	cfsetspeed(&mode, B115200);
	return tcsetattr(port, TCSANOW, &mode) == 0;
}

void wire_send(const struct message *message)
{
	char line[WIRE_LINE_MAX];
	int head = snprintf(line, sizeof(line), "~%llu %zu %08x ", next_out, message->length,
			    frame_crc(next_out, message->payload, message->length));
	size_t length = (size_t)head + message->length + 1;

	memcpy(line + head, message->payload, message->length);
	line[length - 1] = '\n';
	next_out++;
	for (size_t done = 0; done < length;) {
		ssize_t written = write(port, line + done, length - done);

		if (written > 0)
			done += (size_t)written;
	}
	last_out_ms = now_ms();
}

void wire_alive(unsigned long long progress)
{
	struct message message;

	if (now_ms() - last_out_ms < HEARTBEAT_MS)
		return;
	message_begin(&message, "alive");
	message_number(&message, "progress", progress);
	wire_send(&message);
}

unsigned long long wire_sent_for_request(void)
{
	return next_out - out_at_request;
}

unsigned long long wire_sent(void)
{
	return next_out;
}

void wire_drain(void)
{
	tcdrain(port);
}

/* The next line without its newline; NULL for one longer than any message. */
static char *receive_line(size_t *length)
{
	static char chunk[256], line[WIRE_LINE_MAX + 1];
	static size_t chunk_length, chunk_used;
	size_t used = 0;

	for (;;) {
		while (chunk_used < chunk_length) {
			char byte = chunk[chunk_used++];

			if (byte == '\n') {
				*length = used;
				line[used < WIRE_LINE_MAX ? used : WIRE_LINE_MAX] = '\0';
				return used < WIRE_LINE_MAX ? line : NULL;
			}
			if (used < WIRE_LINE_MAX)
				line[used++] = byte;
		}
		if (wait_for(port, -1) != WAKE_INPUT)
			continue;
		ssize_t got = read(port, chunk, sizeof(chunk));

		chunk_used = 0;
		chunk_length = got > 0 ? (size_t)got : 0;
	}
}

/* The payload inside a line that is a whole frame with the right length and checksum; else NULL. */
static char *open_frame(char *line, size_t length, unsigned long long *seq)
{
	char *cursor = line + 1;
	unsigned long long payload_length;

	if (line[0] != '~' || memchr(line, '\0', length) != NULL)
		return NULL;
	char *seq_text = next_item(&cursor, ' '), *length_text = next_item(&cursor, ' '), *crc_text = next_item(&cursor, ' ');

	if (crc_text == NULL || strlen(crc_text) != 8 || !parse_number(seq_text, seq) ||
	    !parse_number(length_text, &payload_length) || cursor + payload_length != line + length)
		return NULL;
	char *end;
	unsigned long crc = strtoul(crc_text, &end, 16);

	return *end == '\0' && crc == frame_crc(*seq, cursor, (size_t)payload_length) ? cursor : NULL;
}

static int hex_digit(char digit)
{
	const char *digits = "0123456789ABCDEF", *found = digit == '\0' ? NULL : strchr(digits, digit);

	return found == NULL ? -1 : (int)(found - digits);
}

static bool decode_in_place(char *value)
{
	char *out = value;

	for (; *value != '\0'; value++) {
		if (*value != '%') {
			*out++ = *value;
			continue;
		}
		int high = hex_digit(value[1]), low = high < 0 ? -1 : hex_digit(value[2]);

		if (low < 0 || high * 16 + low == 0)
			return false;
		*out++ = (char)(high * 16 + low);
		value += 2;
	}
	*out = '\0';
	return true;
}

/* A payload that is no request leaves an empty verb, which no request has. */
static void split_payload(char *payload, struct request *request)
{
	char *verb = next_item(&payload, ' ');

	request->verb = "";
	request->field_count = 0;
	for (char *field; (field = next_item(&payload, ' ')) != NULL; request->field_count++) {
		char *value = strchr(field, '=');

		if (value == NULL || request->field_count == REQUEST_FIELDS_MAX)
			return;
		*value++ = '\0';
		if (!decode_in_place(value))
			return;
		request->fields[request->field_count].key = field;
		request->fields[request->field_count].value = value;
	}
	if (verb != NULL)
		request->verb = verb;
}

static void answer(const char *verb, const char *key, unsigned long long seq)
{
	struct message message;

	message_begin(&message, verb);
	message_number(&message, key, seq);
	wire_send(&message);
}

void wire_receive(struct request *request)
{
	for (;;) {
		size_t length;
		char *line = receive_line(&length);

		if (line != NULL && length == 0)
			continue;
		char *payload = line == NULL ? NULL : open_frame(line, length, &request->seq);

		if (payload == NULL || request->seq > next_in) {
			answer("nak", "want", next_in);
		} else if (request->seq < next_in) {
			answer("again", "seq", request->seq);
		} else {
			next_in++;
			out_at_request = next_out;
			split_payload(payload, request);
			return;
		}
	}
}

char *request_text(const struct request *request, const char *key)
{
	for (int i = 0; i < request->field_count; i++)
		if (strcmp(request->fields[i].key, key) == 0)
			return request->fields[i].value;
	return NULL;
}

bool request_number(const struct request *request, const char *key, unsigned long long *value)
{
	const char *text = request_text(request, key);

	return text != NULL && parse_number(text, value);
}
