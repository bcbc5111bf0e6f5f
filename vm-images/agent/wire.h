/*
 * The wire to the lab: a serial port of its own, one message a line,
 *
 *     ~<seq> <len> <crc32> <payload>\n
 *
 * where len counts the payload's bytes and crc32 (IEEE) covers "<seq> <payload>". Each direction counts its
 * own sequence from 0. A request that cannot be read is answered "nak want=<seq>"; one that was already
 * carried out is answered "again seq=<seq>" and not carried out twice.
 */
#ifndef WIRE_H
#define WIRE_H

#include <stdbool.h>

#include "limits.h"
#include "message.h"

struct request {
	unsigned long long seq;
	const char *verb;
	int field_count;
	struct {
		const char *key;
		char *value;
	} fields[REQUEST_FIELDS_MAX];
};

/* False with errno. */
bool wire_open(const char *path);
void wire_send(const struct message *message);
/* Waits for the next request in sequence. Its text stays valid until the next call. */
void wire_receive(struct request *request);
/* Says that the agent lives; at most one message in HEARTBEAT_MS. progress grows while work is done. */
void wire_alive(unsigned long long progress);
/* Messages sent since the request now being carried out was taken, and since boot. */
unsigned long long wire_sent_for_request(void);
unsigned long long wire_sent(void);
/* Waits until the port has taken everything. */
void wire_drain(void);

/* A field's value; NULL when the request has no such field. */
char *request_text(const struct request *request, const char *key);
/* A field's value as a number; false when it is missing or is not one. */
bool request_number(const struct request *request, const char *key, unsigned long long *value);

#endif
