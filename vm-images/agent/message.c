#include "message.h"

#include <stdio.h>
#include <string.h>

#include "wire.h"

static bool needs_code(unsigned char byte)
{
	return byte <= ' ' || byte >= 0x7f || byte == '%' || byte == '=';
}

static size_t coded_length(const char *value)
{
	size_t length = 0;

	for (; *value != '\0'; value++)
		length += needs_code((unsigned char)*value) ? 3 : 1;
	return length;
}

static void put(struct message *message, const char *bytes, size_t length)
{
	memcpy(message->payload + message->length, bytes, length);
	message->length += length;
}

/* As much of a value as fits, never half a code. */
static void put_coded(struct message *message, const char *value)
{
	static const char digits[] = "0123456789ABCDEF";

	for (; *value != '\0'; value++) {
		unsigned char byte = (unsigned char)*value;
		char code[3] = { '%', digits[byte >> 4], digits[byte & 15] };
		size_t length = needs_code(byte) ? sizeof(code) : 1;

		if (message->length + length > sizeof(message->payload))
			return;
		put(message, length == 1 ? value : code, length);
	}
}

void message_begin(struct message *message, const char *verb)
{
	message->length = 0;
	message->head_length = 0;
	put(message, verb, strlen(verb));
}

void message_text(struct message *message, const char *key, const char *value)
{
	size_t key_length = strlen(key);
	size_t needed = 1 + key_length + 1 + coded_length(value);

	if (message->length + needed > sizeof(message->payload) && message->head_length != 0) {
		wire_send(message);
		message->length = message->head_length;
	}
	if (message->length + 1 + key_length + 1 > sizeof(message->payload))
		return;
	put(message, " ", 1);
	put(message, key, key_length);
	put(message, "=", 1);
	put_coded(message, value);
}

void message_number(struct message *message, const char *key, unsigned long long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%llu", value);
	message_text(message, key, digits);
}

void message_signed(struct message *message, const char *key, long long value)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%lld", value);
	message_text(message, key, digits);
}

void message_series(struct message *message)
{
	message->head_length = message->length;
}

bool message_series_empty(const struct message *message)
{
	return message->length == message->head_length;
}
