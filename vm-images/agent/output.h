/*
 * What a program prints, on two streams: the beginning of each goes over the wire as it comes, so that it is there if the guest
 * is lost; of the rest the end is kept and sent when all is over, and what lies between is counted.
 */
#ifndef OUTPUT_H
#define OUTPUT_H

/* The ends of pipes to read from; they are closed by output_finish. */
void output_begin(int out, int err);
/* Takes what has been printed, waiting for it so long; ends early when a child ends. */
void output_take(int timeout_ms);
/* Takes all that is left and sends the ends. */
void output_finish(void);
/* Everything that was printed on stream 0 or 1, sent or not. */
unsigned long long output_bytes(int stream);

#endif
