#include "outbox.h"

static struct octets left(const struct outbox_item *item)
{
    return octets_of(item->octets + item->written, item->length - item->written);
}

/* The TPKT header counts `payload` octets that are not in `tpdu`. */
static bool encode(struct outbox_item *item,
                   const struct tpdu *tpdu,
                   enum tpdu_format format,
                   size_t payload)
{
    uint8_t octets[OUTBOX_TPDU_MAX];
    struct octet_writer body = {.at = octets, .size = sizeof octets};
    struct octet_writer packet = {.at = item->octets, .size = sizeof item->octets};

    if (tpdu_encode(&body, tpdu, format) != TPDU_OK)
        return false;
    tpkt_encode(&packet, body.length + payload);
    write_octets(&packet, octets_of(octets, body.length));
    item->length = (uint8_t)packet.length;
    item->written = 0;
    return true;
}

bool outbox_open(struct outbox *outbox, const struct tpdu *tpdu)
{
    return encode(&outbox->opening, tpdu, TPDU_CLASS_2, 0);
}

bool outbox_close(struct outbox *outbox, const struct tpdu *tpdu)
{
    return encode(&outbox->closing, tpdu, TPDU_CLASS_2, 0);
}

/* The next DT of the piece. */
static void begin_segment(struct outbox *outbox)
{
    struct tpdu tpdu = {.type = TPDU_DT, .destination = outbox->destination};
    size_t max = outbox->tpdu_size - tpdu_data_header(outbox->format);

    outbox->payload = outbox->behind < max ? outbox->behind : max;
    outbox->behind -= outbox->payload;
    tpdu.last = outbox->last && outbox->behind == 0;
    if (outbox->format == TPDU_CLASS_2)
        tpdu.number = outbox->number++;
    encode(&outbox->header, &tpdu, outbox->format, outbox->payload);
}

void outbox_begin(struct outbox *outbox, size_t length, bool last)
{
    /* A piece without octets counts only as the end of a TSDU. */
    if (length == 0 && !last)
        return;
    outbox->behind = length;
    outbox->last = last;
    begin_segment(outbox);
}

bool outbox_has_data(const struct outbox *outbox)
{
    return left(&outbox->header).length > 0 || outbox->payload > 0;
}

struct outbox_output outbox_next(const struct outbox *outbox)
{
    struct outbox_output output = {.octets = left(&outbox->opening)};

    if (output.octets.length > 0)
        return output;
    if (outbox_has_data(outbox)) {
        output.octets = left(&outbox->header);
        output.payload = outbox->payload;
        return output;
    }
    output.octets = left(&outbox->closing);
    return output;
}

/* Takes what it can of *count. */
static void write_item(struct outbox_item *item, size_t *count)
{
    size_t taken = octets_front(left(item), *count).length;

    item->written = (uint8_t)(item->written + taken);
    *count -= taken;
}

void outbox_written(struct outbox *outbox, size_t count)
{
    if (left(&outbox->opening).length > 0) {
        write_item(&outbox->opening, &count);
        return;
    }
    if (!outbox_has_data(outbox)) {
        write_item(&outbox->closing, &count);
        return;
    }
    write_item(&outbox->header, &count);
    outbox->payload -= count < outbox->payload ? count : outbox->payload;
    if (!outbox_has_data(outbox) && outbox->behind > 0)
        begin_segment(outbox);
}

void outbox_cut(struct outbox *outbox)
{
    outbox->behind = 0;
    if (outbox->header.written == 0) {
        outbox->header.length = 0;
        outbox->payload = 0;
    }
}

bool outbox_is_empty(const struct outbox *outbox)
{
    struct outbox_output next = outbox_next(outbox);

    return next.octets.length == 0 && next.payload == 0;
}
