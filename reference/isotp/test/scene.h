/* Circuits brought into a state by a well-behaved peer, and a record of what then
 * happens to them: for tests and for fuzzing. */
#ifndef ISOTP_SCENE_H
#define ISOTP_SCENE_H

#include "circuit.h"

enum scene {
    SCENE_IDLE = 0,  /* waits for a CR */
    SCENE_CALLING,   /* is the caller, with reference 1001; waits for a CC from 2002 */
    SCENE_CALLED,    /* from here on: the callee 2002, called by 1001 */
    SCENE_OPEN,      /* in class 2 */
    SCENE_CLASS_0,   /* open, in class 0 */
    SCENE_PEER_LEFT, /* got a DR */
    SCENE_LEAVING,   /* sent a DR */
    SCENE_LEAVING_0, /* in class 0 */
    SCENES,
};

enum {
    SCENE_TPDU_SIZE = 2048,
    SCENE_TSDU_MAX = 4096,
};

/* NULL: unknown. */
const char *scene_name(enum scene scene);
bool scene_of(const char *name, enum scene *scene);

/* All that the circuit had to write until then is written. */
void scene_set(struct circuit *circuit, enum scene scene);

/* Names all events, separated by ", ": "call", "connected", "refused 3", "tsdu 17",
 * "disconnected 128", "released", "failed malformed", and at its end "part 5" if a TSDU
 * is not complete. */
struct transcript {
    char text[512];
    size_t tsdu; /* octets of the TSDU that has begun */
    bool has_tsdu;
};

void transcript_add(struct transcript *transcript, const struct circuit_event *event);
void transcript_end(struct transcript *transcript);

/* Feeds all of `input`, `step` octets at a time. */
void scene_feed(struct circuit *circuit,
                struct octets input,
                size_t step,
                struct transcript *transcript);

/* Appends all that the circuit has to write; for the user data of DTs, octets 'd'. */
void scene_drain(struct circuit *circuit, struct octet_writer *writer);

#endif
