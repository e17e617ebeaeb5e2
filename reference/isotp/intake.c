#include "intake.h"

/* Continues until `total` octets are held, `total` being at most INTAKE_SIZE; false if
 * the input ends before. */
static bool hold(struct intake *intake, struct octets *input, size_t total)
{
    struct octets taken;

    if (intake->length >= total)
        return true;
    taken = octets_front(*input, total - intake->length);
    octets_copy(intake->held + intake->length, taken);
    intake->length += taken.length;
    *input = octets_after(*input, taken.length);
    return intake->length == total;
}

static enum intake_result
malformed(struct intake *intake, enum tpdu_error error, struct intake_item *item)
{
    intake->length = 0;
    item->error = error;
    return INTAKE_MALFORMED;
}

static enum intake_result complete(struct intake *intake,
                                   size_t tpdu_length,
                                   enum tpdu_format format,
                                   struct intake_item *item)
{
    enum tpdu_error error = tpdu_decode(
        octets_of(intake->held + TPKT_HEADER, tpdu_length), format, &item->tpdu);

    if (error != TPDU_OK)
        return malformed(intake, error, item);
    intake->length = 0;
    return INTAKE_TPDU;
}

static enum intake_result
take_payload(struct intake *intake, struct octets *input, struct intake_item *item)
{
    item->payload = octets_front(*input, intake->payload);
    intake->payload -= item->payload.length;
    *input = octets_after(*input, item->payload.length);
    return item->payload.length > 0 ? INTAKE_PAYLOAD : INTAKE_MORE;
}

enum intake_result intake_take(struct intake *intake,
                               struct octets *input,
                               enum tpdu_format format,
                               struct intake_item *item)
{
    size_t tpdu_length;
    size_t header;
    size_t data;

    *item = (struct intake_item){0};
    if (intake->payload > 0)
        return take_payload(intake, input, item);
    if (!hold(intake, input, TPKT_HEADER))
        return INTAKE_MORE;
    /* Before waiting for octets that a bad length may never let come. */
    if (tpkt_decode(octets_of(intake->held, TPKT_HEADER), &tpdu_length) != TPKT_OK)
        return INTAKE_PACKET;
    if (!hold(intake, input, TPKT_HEADER + 1))
        return INTAKE_MORE;
    header = 1 + (size_t)intake->held[TPKT_HEADER];
    if (header < 2 || header > TPDU_HEADER_MAX || header > tpdu_length)
        return malformed(intake, TPDU_HEADER_LENGTH, item);
    if (!hold(intake, input, TPKT_HEADER + header))
        return INTAKE_MORE;

    data = tpdu_length - header;
    if ((intake->held[TPKT_HEADER + 1] & 0xF0) == TPDU_DT) {
        intake->payload = data;
        return complete(intake, header, format, item);
    }
    if (data > TPDU_DISCONNECT_DATA_MAX) {
        enum intake_result result = complete(intake, header, format, item);

        return result == INTAKE_TPDU ? malformed(intake, TPDU_DATA_LENGTH, item)
                                     : result;
    }
    if (!hold(intake, input, TPKT_HEADER + tpdu_length))
        return INTAKE_MORE;
    return complete(intake, tpdu_length, format, item);
}

bool intake_between_packets(const struct intake *intake)
{
    return intake->length == 0 && intake->payload == 0;
}
