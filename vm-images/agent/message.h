/* Building one payload: a verb, then fields. Values are percent-encoded where they need it. */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "limits.h"

struct message {
	size_t length;
	/* Where the fields that every part of a split message carries end; 0 while it may not be split. */
	size_t head_length;
	char payload[WIRE_PAYLOAD_MAX];
};

void message_begin(struct message *message, const char *verb);
void message_text(struct message *message, const char *key, const char *value);
void message_number(struct message *message, const char *key, unsigned long long value);
void message_signed(struct message *message, const char *key, long long value);
/*
 * From here on fields are a series: one that no longer fits sends what is there and starts
 * another message with the same head.
 */
void message_series(struct message *message);
/* True when the series has nothing beyond its head. */
bool message_series_empty(const struct message *message);

#endif
