/* What the parts of the peer share: TPKTs in and out of its socket. Deadlines are
 * moments of isotp_now_ms. */
#ifndef WSPCHECK_ISOTP_WIRE_H
#define WSPCHECK_ISOTP_WIRE_H

#include "isotp_peer.h"

/* Begins an operation: forgets the last sentence, gives the deadline. */
uint64_t isotp_begin(struct isotp_peer *peer);

/* Completes what an earlier operation left unsent. */
enum isotp_result isotp_flush(struct isotp_peer *peer, uint64_t deadline);
enum isotp_result isotp_put_tpdu(struct isotp_peer *peer,
                                 const struct isotp_tpdu *tpdu,
                                 uint64_t deadline);

/* Whether a loop over what is received may go on: a far side that never stops sending
 * shall not keep us beyond the deadline. */
enum isotp_result isotp_in_time(struct isotp_peer *peer, uint64_t deadline);

/* Receives one TPDU into peer->seen. */
enum isotp_result isotp_take_tpdu(struct isotp_peer *peer, uint64_t deadline);

/* Checks the DR in peer->seen, which has to have this source reference, and keeps it as
 * the farewell. */
enum isotp_result isotp_take_dr(struct isotp_peer *peer, uint16_t source);

#endif
