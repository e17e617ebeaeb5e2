#include "scene.h"

#include <stdio.h>
#include <string.h>

#include "hex.h"

static const char *const names[SCENES] = {
    [SCENE_IDLE] = "idle",
    [SCENE_CALLING] = "calling",
    [SCENE_CALLED] = "called",
    [SCENE_OPEN] = "open",
    [SCENE_CLASS_0] = "class 0",
    [SCENE_PEER_LEFT] = "peer left",
    [SCENE_LEAVING] = "leaving",
    [SCENE_LEAVING_0] = "leaving 0",
};

static const char *const faults[] = {
    [CIRCUIT_FAULT_NONE] = "without a fault",
    [CIRCUIT_FAULT_PACKET] = "packet",
    [CIRCUIT_FAULT_MALFORMED] = "malformed",
    [CIRCUIT_FAULT_SEQUENCE] = "sequence",
    [CIRCUIT_FAULT_REFERENCE] = "reference",
    [CIRCUIT_FAULT_NEGOTIATION] = "negotiation",
    [CIRCUIT_FAULT_TPDU_SIZE] = "TPDU size",
    [CIRCUIT_FAULT_TSDU_SIZE] = "TSDU size",
    [CIRCUIT_FAULT_REJECTED] = "rejected",
    [CIRCUIT_FAULT_LOST] = "lost",
    [CIRCUIT_FAULT_TIMEOUT] = "timeout",
};

const char *scene_name(enum scene scene)
{
    return scene < SCENES ? names[scene] : NULL;
}

bool scene_of(const char *name, enum scene *scene)
{
    for (size_t i = 0; i < SCENES; i++) {
        if (strcmp(names[i], name) == 0) {
            *scene = (enum scene)i;
            return true;
        }
    }
    return false;
}

void scene_drain(struct circuit *circuit, struct octet_writer *writer)
{
    struct outbox_output output = circuit_output(circuit);

    while (output.octets.length > 0 || output.payload > 0) {
        write_octets(writer, output.octets);
        for (size_t i = 0; i < output.payload; i++)
            write_octet(writer, 'd');
        circuit_written(circuit, output.octets.length + output.payload);
        output = circuit_output(circuit);
    }
}

static void say(struct transcript *transcript, const char *word, const char *detail)
{
    size_t used = strlen(transcript->text);

    snprintf(transcript->text + used,
             sizeof transcript->text - used,
             "%s%s%s%s",
             used > 0 ? ", " : "",
             word,
             detail[0] != '\0' ? " " : "",
             detail);
}

static void say_number(struct transcript *transcript, const char *word, size_t number)
{
    char detail[24];

    snprintf(detail, sizeof detail, "%u", (unsigned)number);
    say(transcript, word, detail);
}

void transcript_add(struct transcript *transcript, const struct circuit_event *event)
{
    switch (event->type) {
    case CIRCUIT_NOTHING:
        break;
    case CIRCUIT_CALL:
        say(transcript, "call", "");
        break;
    case CIRCUIT_CONNECTED:
        say(transcript, "connected", "");
        break;
    case CIRCUIT_REFUSED:
        say_number(transcript, "refused", event->reason);
        break;
    case CIRCUIT_DATA:
        transcript->tsdu += event->data.length;
        transcript->has_tsdu = true;
        if (!event->complete)
            break;
        say_number(transcript, "tsdu", transcript->tsdu);
        transcript->tsdu = 0;
        transcript->has_tsdu = false;
        break;
    case CIRCUIT_DISCONNECTED:
        say_number(transcript, "disconnected", event->reason);
        break;
    case CIRCUIT_RELEASED:
        say(transcript, "released", "");
        break;
    case CIRCUIT_FAILED:
        say(transcript, "failed", faults[event->fault]);
        break;
    }
}

void transcript_end(struct transcript *transcript)
{
    if (transcript->has_tsdu)
        say_number(transcript, "part", transcript->tsdu);
}

void scene_feed(struct circuit *circuit,
                struct octets input,
                size_t step,
                struct transcript *transcript)
{
    while (input.length > 0) {
        struct octets chunk = octets_front(input, step);

        input = octets_after(input, chunk.length);
        while (chunk.length > 0) {
            struct circuit_event event;

            chunk = octets_after(chunk, circuit_feed(circuit, chunk, &event));
            transcript_add(transcript, &event);
        }
    }
}

static void feed(struct circuit *circuit, const char *octets)
{
    struct transcript ignored = {0};

    scene_feed(circuit, hex(octets), SIZE_MAX, &ignored);
}

static void be_called(struct circuit *circuit, bool class_0)
{
    feed(circuit,
         class_0 ? "0300001a 13e000001001 00 c0010b c103434c49 c203535256 6869"
                 : "0300001d 16e000001001 21 c0010b c103434c49 c203535256 c60100 6869");
}

void scene_set(struct circuit *circuit, enum scene scene)
{
    bool class_0 = scene == SCENE_CLASS_0 || scene == SCENE_LEAVING_0;
    uint8_t room[256];
    struct octet_writer written = {.at = room, .size = sizeof room};
    struct circuit_setup setup = {
        .reference = scene == SCENE_CALLING ? 0x1001 : 0x2002,
        .terms = {NEGOTIATION_CLASS_0 | NEGOTIATION_CLASS_2, SCENE_TPDU_SIZE},
        .tsdu_max = SCENE_TSDU_MAX,
    };

    circuit_init(circuit, &setup);
    if (scene == SCENE_CALLING)
        circuit_call(circuit, hex("\"CLI\""), hex("\"SRV\""), hex("\"hi\""));
    if (scene >= SCENE_CALLED)
        be_called(circuit, class_0);
    if (scene >= SCENE_OPEN)
        circuit_accept(circuit, hex("\"ok\""));
    if (scene == SCENE_PEER_LEFT)
        feed(circuit, "0300000e 06802002100180 \"bye\"");
    if (scene == SCENE_LEAVING || scene == SCENE_LEAVING_0)
        circuit_disconnect(circuit, TPDU_REASON_NORMAL, hex("\"bye\""));
    scene_drain(circuit, &written);
}
