import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace patina. */
export namespace patina {

    /** Namespace sync. */
    namespace sync {

        /** Namespace v1. */
        namespace v1 {

            /** Mode enum. */
            enum Mode {

                /** MODE_UNKNOWN value */
                MODE_UNKNOWN = 0,

                /** DIRECT value */
                DIRECT = 1,

                /** TREE value */
                TREE = 2,

                /** EPIDEMIC value */
                EPIDEMIC = 3
            }

            /**
             * Properties of a SyncMessage.
             * @deprecated Use patina.sync.v1.SyncMessage.$Properties instead.
             */
            interface ISyncMessage extends patina.sync.v1.SyncMessage.$Properties {
            }

            /** Represents a SyncMessage. */
            class SyncMessage {

                /**
                 * Constructs a new SyncMessage.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.SyncMessage.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** SyncMessage changes. */
                changes?: (patina.sync.v1.Changes.$Properties|null);

                /** SyncMessage digest. */
                digest?: (patina.sync.v1.Digest.$Properties|null);

                /** SyncMessage equal. */
                equal?: (patina.sync.v1.Equal.$Properties|null);

                /** SyncMessage summary. */
                summary?: (patina.sync.v1.Summary.$Properties|null);

                /** SyncMessage request. */
                request?: (patina.sync.v1.Request.$Properties|null);

                /** SyncMessage batch. */
                batch?: (patina.sync.v1.Batch.$Properties|null);

                /** SyncMessage credit. */
                credit?: (patina.sync.v1.Credit.$Properties|null);

                /** SyncMessage refusal. */
                refusal?: (patina.sync.v1.Refusal.$Properties|null);

                /** SyncMessage buckets. */
                buckets?: (patina.sync.v1.Buckets.$Properties|null);

                /** SyncMessage mutes. */
                mutes?: (patina.sync.v1.Mutes.$Properties|null);

                /** SyncMessage await. */
                await?: (patina.sync.v1.Await.$Properties|null);

                /** SyncMessage held. */
                held?: (patina.sync.v1.Held.$Properties|null);

                /** SyncMessage pulse. */
                pulse?: (patina.sync.v1.Pulse.$Properties|null);

                /** SyncMessage heads. */
                heads?: (patina.sync.v1.Heads.$Properties|null);

                /** SyncMessage body. */
                body?: ("changes"|"digest"|"equal"|"summary"|"request"|"batch"|"credit"|"refusal"|"buckets"|"mutes"|"await"|"held"|"pulse"|"heads");

                /**
                 * Encodes the specified SyncMessage message. Does not implicitly {@link patina.sync.v1.SyncMessage.verify|verify} messages.
                 * @param message SyncMessage message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.SyncMessage.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a SyncMessage message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.SyncMessage & patina.sync.v1.SyncMessage.$Shape} SyncMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.SyncMessage & patina.sync.v1.SyncMessage.$Shape;
            }

            namespace SyncMessage {

                /** Properties of a SyncMessage. */
                interface $Properties {

                    /** SyncMessage changes */
                    changes?: (patina.sync.v1.Changes.$Properties|null);

                    /** SyncMessage digest */
                    digest?: (patina.sync.v1.Digest.$Properties|null);

                    /** SyncMessage equal */
                    equal?: (patina.sync.v1.Equal.$Properties|null);

                    /** SyncMessage summary */
                    summary?: (patina.sync.v1.Summary.$Properties|null);

                    /** SyncMessage request */
                    request?: (patina.sync.v1.Request.$Properties|null);

                    /** SyncMessage batch */
                    batch?: (patina.sync.v1.Batch.$Properties|null);

                    /** SyncMessage credit */
                    credit?: (patina.sync.v1.Credit.$Properties|null);

                    /** SyncMessage refusal */
                    refusal?: (patina.sync.v1.Refusal.$Properties|null);

                    /** SyncMessage buckets */
                    buckets?: (patina.sync.v1.Buckets.$Properties|null);

                    /** SyncMessage mutes */
                    mutes?: (patina.sync.v1.Mutes.$Properties|null);

                    /** SyncMessage await */
                    await?: (patina.sync.v1.Await.$Properties|null);

                    /** SyncMessage held */
                    held?: (patina.sync.v1.Held.$Properties|null);

                    /** SyncMessage pulse */
                    pulse?: (patina.sync.v1.Pulse.$Properties|null);

                    /** SyncMessage heads */
                    heads?: (patina.sync.v1.Heads.$Properties|null);

                    /** SyncMessage body */
                    body?: ("changes"|"digest"|"equal"|"summary"|"request"|"batch"|"credit"|"refusal"|"buckets"|"mutes"|"await"|"held"|"pulse"|"heads");

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Narrowed shape of a SyncMessage. */
                type $Shape = {
                  changes?: patina.sync.v1.Changes.$Shape|null;
                  digest?: patina.sync.v1.Digest.$Shape|null;
                  equal?: patina.sync.v1.Equal.$Shape|null;
                  summary?: patina.sync.v1.Summary.$Shape|null;
                  request?: patina.sync.v1.Request.$Shape|null;
                  batch?: patina.sync.v1.Batch.$Shape|null;
                  credit?: patina.sync.v1.Credit.$Shape|null;
                  refusal?: patina.sync.v1.Refusal.$Shape|null;
                  buckets?: patina.sync.v1.Buckets.$Shape|null;
                  mutes?: patina.sync.v1.Mutes.$Shape|null;
                  await?: patina.sync.v1.Await.$Shape|null;
                  held?: patina.sync.v1.Held.$Shape|null;
                  pulse?: patina.sync.v1.Pulse.$Shape|null;
                  heads?: patina.sync.v1.Heads.$Shape|null;
                  $unknowns?: Uint8Array[];
                } & (
                  ({ body?: undefined; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "changes"; changes: patina.sync.v1.Changes.$Shape; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "digest"; changes?: null; digest: patina.sync.v1.Digest.$Shape; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "equal"; changes?: null; digest?: null; equal: patina.sync.v1.Equal.$Shape; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "summary"; changes?: null; digest?: null; equal?: null; summary: patina.sync.v1.Summary.$Shape; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "request"; changes?: null; digest?: null; equal?: null; summary?: null; request: patina.sync.v1.Request.$Shape; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "batch"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch: patina.sync.v1.Batch.$Shape; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "credit"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit: patina.sync.v1.Credit.$Shape; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "refusal"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal: patina.sync.v1.Refusal.$Shape; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "buckets"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets: patina.sync.v1.Buckets.$Shape; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "mutes"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes: patina.sync.v1.Mutes.$Shape; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "await"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await: patina.sync.v1.Await.$Shape; held?: null; pulse?: null; heads?: null }|{ body?: "held"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held: patina.sync.v1.Held.$Shape; pulse?: null; heads?: null }|{ body?: "pulse"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse: patina.sync.v1.Pulse.$Shape; heads?: null }|{ body?: "heads"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads: patina.sync.v1.Heads.$Shape })
                );
            }

            /**
             * Properties of a Changes.
             * @deprecated Use patina.sync.v1.Changes.$Properties instead.
             */
            interface IChanges extends patina.sync.v1.Changes.$Properties {
            }

            /** Represents a Changes. */
            class Changes {

                /**
                 * Constructs a new Changes.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Changes.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Changes mode. */
                mode: patina.sync.v1.Mode;

                /** Changes changesets. */
                changesets: Uint8Array[];

                /** Changes urgent. */
                urgent: boolean;

                /**
                 * Encodes the specified Changes message. Does not implicitly {@link patina.sync.v1.Changes.verify|verify} messages.
                 * @param message Changes message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Changes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Changes message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Changes & patina.sync.v1.Changes.$Shape} Changes
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Changes & patina.sync.v1.Changes.$Shape;
            }

            namespace Changes {

                /** Properties of a Changes. */
                interface $Properties {

                    /** Changes mode */
                    mode?: (patina.sync.v1.Mode|null);

                    /** Changes changesets */
                    changesets?: (Uint8Array[]|null);

                    /** Changes urgent */
                    urgent?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Changes. */
                type $Shape = patina.sync.v1.Changes.$Properties;
            }

            /**
             * Properties of a Digest.
             * @deprecated Use patina.sync.v1.Digest.$Properties instead.
             */
            interface IDigest extends patina.sync.v1.Digest.$Properties {
            }

            /** Represents a Digest. */
            class Digest {

                /**
                 * Constructs a new Digest.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Digest.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Digest exchange. */
                exchange: number;

                /** Digest salt. */
                salt: Uint8Array;

                /** Digest root. */
                root: Uint8Array;

                /** Digest understandsBuckets. */
                understandsBuckets: boolean;

                /**
                 * Encodes the specified Digest message. Does not implicitly {@link patina.sync.v1.Digest.verify|verify} messages.
                 * @param message Digest message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Digest.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Digest message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Digest & patina.sync.v1.Digest.$Shape} Digest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Digest & patina.sync.v1.Digest.$Shape;
            }

            namespace Digest {

                /** Properties of a Digest. */
                interface $Properties {

                    /** Digest exchange */
                    exchange?: (number|null);

                    /** Digest salt */
                    salt?: (Uint8Array|null);

                    /** Digest root */
                    root?: (Uint8Array|null);

                    /** Digest understandsBuckets */
                    understandsBuckets?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Digest. */
                type $Shape = patina.sync.v1.Digest.$Properties;
            }

            /**
             * Properties of a Buckets.
             * @deprecated Use patina.sync.v1.Buckets.$Properties instead.
             */
            interface IBuckets extends patina.sync.v1.Buckets.$Properties {
            }

            /** Represents a Buckets. */
            class Buckets {

                /**
                 * Constructs a new Buckets.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Buckets.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Buckets exchange. */
                exchange: number;

                /** Buckets hashes. */
                hashes: Uint8Array;

                /**
                 * Encodes the specified Buckets message. Does not implicitly {@link patina.sync.v1.Buckets.verify|verify} messages.
                 * @param message Buckets message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Buckets.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Buckets message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Buckets & patina.sync.v1.Buckets.$Shape} Buckets
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Buckets & patina.sync.v1.Buckets.$Shape;
            }

            namespace Buckets {

                /** Properties of a Buckets. */
                interface $Properties {

                    /** Buckets exchange */
                    exchange?: (number|null);

                    /** Buckets hashes */
                    hashes?: (Uint8Array|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Buckets. */
                type $Shape = patina.sync.v1.Buckets.$Properties;
            }

            /**
             * Properties of an Equal.
             * @deprecated Use patina.sync.v1.Equal.$Properties instead.
             */
            interface IEqual extends patina.sync.v1.Equal.$Properties {
            }

            /** Represents an Equal. */
            class Equal {

                /**
                 * Constructs a new Equal.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Equal.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Equal exchange. */
                exchange: number;

                /**
                 * Encodes the specified Equal message. Does not implicitly {@link patina.sync.v1.Equal.verify|verify} messages.
                 * @param message Equal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Equal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Equal message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Equal & patina.sync.v1.Equal.$Shape} Equal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Equal & patina.sync.v1.Equal.$Shape;
            }

            namespace Equal {

                /** Properties of an Equal. */
                interface $Properties {

                    /** Equal exchange */
                    exchange?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Equal. */
                type $Shape = patina.sync.v1.Equal.$Properties;
            }

            /**
             * Properties of a Summary.
             * @deprecated Use patina.sync.v1.Summary.$Properties instead.
             */
            interface ISummary extends patina.sync.v1.Summary.$Properties {
            }

            /** Represents a Summary. */
            class Summary {

                /**
                 * Constructs a new Summary.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Summary.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Summary exchange. */
                exchange: number;

                /** Summary answerWanted. */
                answerWanted: boolean;

                /** Summary actors. */
                actors: patina.sync.v1.ActorSummary.$Properties[];

                /** Summary scope. */
                scope: Uint8Array;

                /** Summary onlyAsks. */
                onlyAsks: boolean;

                /**
                 * Encodes the specified Summary message. Does not implicitly {@link patina.sync.v1.Summary.verify|verify} messages.
                 * @param message Summary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Summary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Summary message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Summary & patina.sync.v1.Summary.$Shape} Summary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Summary & patina.sync.v1.Summary.$Shape;
            }

            namespace Summary {

                /** Properties of a Summary. */
                interface $Properties {

                    /** Summary exchange */
                    exchange?: (number|null);

                    /** Summary answerWanted */
                    answerWanted?: (boolean|null);

                    /** Summary actors */
                    actors?: (patina.sync.v1.ActorSummary.$Properties[]|null);

                    /** Summary scope */
                    scope?: (Uint8Array|null);

                    /** Summary onlyAsks */
                    onlyAsks?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Summary. */
                type $Shape = patina.sync.v1.Summary.$Properties;
            }

            /**
             * Properties of an ActorSummary.
             * @deprecated Use patina.sync.v1.ActorSummary.$Properties instead.
             */
            interface IActorSummary extends patina.sync.v1.ActorSummary.$Properties {
            }

            /** Represents an ActorSummary. */
            class ActorSummary {

                /**
                 * Constructs a new ActorSummary.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.ActorSummary.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ActorSummary actor. */
                actor: Uint8Array;

                /** ActorSummary have. */
                have: (number|Long)[];

                /** ActorSummary head. */
                head: (number|Long);

                /** ActorSummary headTs. */
                headTs: (number|Long);

                /** ActorSummary partials. */
                partials: patina.sync.v1.Partial.$Properties[];

                /** ActorSummary lost. */
                lost: (number|Long)[];

                /**
                 * Encodes the specified ActorSummary message. Does not implicitly {@link patina.sync.v1.ActorSummary.verify|verify} messages.
                 * @param message ActorSummary message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.ActorSummary.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ActorSummary message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.ActorSummary & patina.sync.v1.ActorSummary.$Shape} ActorSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.ActorSummary & patina.sync.v1.ActorSummary.$Shape;
            }

            namespace ActorSummary {

                /** Properties of an ActorSummary. */
                interface $Properties {

                    /** ActorSummary actor */
                    actor?: (Uint8Array|null);

                    /** ActorSummary have */
                    have?: ((number|Long)[]|null);

                    /** ActorSummary head */
                    head?: (number|Long|null);

                    /** ActorSummary headTs */
                    headTs?: (number|Long|null);

                    /** ActorSummary partials */
                    partials?: (patina.sync.v1.Partial.$Properties[]|null);

                    /** ActorSummary lost */
                    lost?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ActorSummary. */
                type $Shape = patina.sync.v1.ActorSummary.$Properties;
            }

            /**
             * Properties of a Partial.
             * @deprecated Use patina.sync.v1.Partial.$Properties instead.
             */
            interface IPartial extends patina.sync.v1.Partial.$Properties {
            }

            /** Represents a Partial. */
            class Partial {

                /**
                 * Constructs a new Partial.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Partial.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Partial version. */
                version: (number|Long);

                /** Partial lastSeq. */
                lastSeq: (number|Long);

                /** Partial seqs. */
                seqs: (number|Long)[];

                /**
                 * Encodes the specified Partial message. Does not implicitly {@link patina.sync.v1.Partial.verify|verify} messages.
                 * @param message Partial message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Partial.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Partial message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Partial & patina.sync.v1.Partial.$Shape} Partial
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Partial & patina.sync.v1.Partial.$Shape;
            }

            namespace Partial {

                /** Properties of a Partial. */
                interface $Properties {

                    /** Partial version */
                    version?: (number|Long|null);

                    /** Partial lastSeq */
                    lastSeq?: (number|Long|null);

                    /** Partial seqs */
                    seqs?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Partial. */
                type $Shape = patina.sync.v1.Partial.$Properties;
            }

            /**
             * Properties of a Request.
             * @deprecated Use patina.sync.v1.Request.$Properties instead.
             */
            interface IRequest extends patina.sync.v1.Request.$Properties {
            }

            /** Represents a Request. */
            class Request {

                /**
                 * Constructs a new Request.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Request.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Request request. */
                request: number;

                /** Request needs. */
                needs: patina.sync.v1.Need.$Properties[];

                /** Request budgetBytes. */
                budgetBytes: (number|Long);

                /** Request credits. */
                credits: number;

                /**
                 * Encodes the specified Request message. Does not implicitly {@link patina.sync.v1.Request.verify|verify} messages.
                 * @param message Request message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Request.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Request message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Request & patina.sync.v1.Request.$Shape} Request
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Request & patina.sync.v1.Request.$Shape;
            }

            namespace Request {

                /** Properties of a Request. */
                interface $Properties {

                    /** Request request */
                    request?: (number|null);

                    /** Request needs */
                    needs?: (patina.sync.v1.Need.$Properties[]|null);

                    /** Request budgetBytes */
                    budgetBytes?: (number|Long|null);

                    /** Request credits */
                    credits?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Request. */
                type $Shape = patina.sync.v1.Request.$Properties;
            }

            /**
             * Properties of a Need.
             * @deprecated Use patina.sync.v1.Need.$Properties instead.
             */
            interface INeed extends patina.sync.v1.Need.$Properties {
            }

            /** Represents a Need. */
            class Need {

                /**
                 * Constructs a new Need.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Need.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Need actor. */
                actor: Uint8Array;

                /** Need versions. */
                versions: (number|Long)[];

                /** Need version. */
                version: (number|Long);

                /** Need seqs. */
                seqs: (number|Long)[];

                /**
                 * Encodes the specified Need message. Does not implicitly {@link patina.sync.v1.Need.verify|verify} messages.
                 * @param message Need message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Need.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Need message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Need & patina.sync.v1.Need.$Shape} Need
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Need & patina.sync.v1.Need.$Shape;
            }

            namespace Need {

                /** Properties of a Need. */
                interface $Properties {

                    /** Need actor */
                    actor?: (Uint8Array|null);

                    /** Need versions */
                    versions?: ((number|Long)[]|null);

                    /** Need version */
                    version?: (number|Long|null);

                    /** Need seqs */
                    seqs?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Need. */
                type $Shape = patina.sync.v1.Need.$Properties;
            }

            /**
             * Properties of an ActorVersions.
             * @deprecated Use patina.sync.v1.ActorVersions.$Properties instead.
             */
            interface IActorVersions extends patina.sync.v1.ActorVersions.$Properties {
            }

            /** Represents an ActorVersions. */
            class ActorVersions {

                /**
                 * Constructs a new ActorVersions.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.ActorVersions.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** ActorVersions actor. */
                actor: Uint8Array;

                /** ActorVersions versions. */
                versions: (number|Long)[];

                /**
                 * Encodes the specified ActorVersions message. Does not implicitly {@link patina.sync.v1.ActorVersions.verify|verify} messages.
                 * @param message ActorVersions message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.ActorVersions.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an ActorVersions message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.ActorVersions & patina.sync.v1.ActorVersions.$Shape} ActorVersions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.ActorVersions & patina.sync.v1.ActorVersions.$Shape;
            }

            namespace ActorVersions {

                /** Properties of an ActorVersions. */
                interface $Properties {

                    /** ActorVersions actor */
                    actor?: (Uint8Array|null);

                    /** ActorVersions versions */
                    versions?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an ActorVersions. */
                type $Shape = patina.sync.v1.ActorVersions.$Properties;
            }

            /**
             * Properties of a Batch.
             * @deprecated Use patina.sync.v1.Batch.$Properties instead.
             */
            interface IBatch extends patina.sync.v1.Batch.$Properties {
            }

            /** Represents a Batch. */
            class Batch {

                /**
                 * Constructs a new Batch.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Batch.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Batch request. */
                request: number;

                /** Batch changesets. */
                changesets: Uint8Array[];

                /** Batch cleared. */
                cleared: patina.sync.v1.ActorVersions.$Properties[];

                /** Batch basis. */
                basis: patina.sync.v1.ActorVersions.$Properties[];

                /** Batch done. */
                done: boolean;

                /** Batch rest. */
                rest: patina.sync.v1.Need.$Properties[];

                /**
                 * Encodes the specified Batch message. Does not implicitly {@link patina.sync.v1.Batch.verify|verify} messages.
                 * @param message Batch message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Batch.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Batch message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Batch & patina.sync.v1.Batch.$Shape} Batch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Batch & patina.sync.v1.Batch.$Shape;
            }

            namespace Batch {

                /** Properties of a Batch. */
                interface $Properties {

                    /** Batch request */
                    request?: (number|null);

                    /** Batch changesets */
                    changesets?: (Uint8Array[]|null);

                    /** Batch cleared */
                    cleared?: (patina.sync.v1.ActorVersions.$Properties[]|null);

                    /** Batch basis */
                    basis?: (patina.sync.v1.ActorVersions.$Properties[]|null);

                    /** Batch done */
                    done?: (boolean|null);

                    /** Batch rest */
                    rest?: (patina.sync.v1.Need.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Batch. */
                type $Shape = patina.sync.v1.Batch.$Properties;
            }

            /**
             * Properties of a Credit.
             * @deprecated Use patina.sync.v1.Credit.$Properties instead.
             */
            interface ICredit extends patina.sync.v1.Credit.$Properties {
            }

            /** Represents a Credit. */
            class Credit {

                /**
                 * Constructs a new Credit.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Credit.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Credit request. */
                request: number;

                /** Credit batches. */
                batches: number;

                /**
                 * Encodes the specified Credit message. Does not implicitly {@link patina.sync.v1.Credit.verify|verify} messages.
                 * @param message Credit message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Credit.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Credit message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Credit & patina.sync.v1.Credit.$Shape} Credit
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Credit & patina.sync.v1.Credit.$Shape;
            }

            namespace Credit {

                /** Properties of a Credit. */
                interface $Properties {

                    /** Credit request */
                    request?: (number|null);

                    /** Credit batches */
                    batches?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Credit. */
                type $Shape = patina.sync.v1.Credit.$Properties;
            }

            /**
             * Properties of a Refusal.
             * @deprecated Use patina.sync.v1.Refusal.$Properties instead.
             */
            interface IRefusal extends patina.sync.v1.Refusal.$Properties {
            }

            /** Represents a Refusal. */
            class Refusal {

                /**
                 * Constructs a new Refusal.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Refusal.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Refusal exchange. */
                exchange: number;

                /** Refusal request. */
                request: number;

                /** Refusal retryMs. */
                retryMs: number;

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link patina.sync.v1.Refusal.verify|verify} messages.
                 * @param message Refusal message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Refusal & patina.sync.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Refusal & patina.sync.v1.Refusal.$Shape;
            }

            namespace Refusal {

                /** Properties of a Refusal. */
                interface $Properties {

                    /** Refusal exchange */
                    exchange?: (number|null);

                    /** Refusal request */
                    request?: (number|null);

                    /** Refusal retryMs */
                    retryMs?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Refusal. */
                type $Shape = patina.sync.v1.Refusal.$Properties;
            }

            /**
             * Properties of a Mutes.
             * @deprecated Use patina.sync.v1.Mutes.$Properties instead.
             */
            interface IMutes extends patina.sync.v1.Mutes.$Properties {
            }

            /** Represents a Mutes. */
            class Mutes {

                /**
                 * Constructs a new Mutes.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Mutes.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Mutes rules. */
                rules: patina.sync.v1.MuteRule.$Properties[];

                /**
                 * Encodes the specified Mutes message. Does not implicitly {@link patina.sync.v1.Mutes.verify|verify} messages.
                 * @param message Mutes message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Mutes.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Mutes message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Mutes & patina.sync.v1.Mutes.$Shape} Mutes
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Mutes & patina.sync.v1.Mutes.$Shape;
            }

            namespace Mutes {

                /** Properties of a Mutes. */
                interface $Properties {

                    /** Mutes rules */
                    rules?: (patina.sync.v1.MuteRule.$Properties[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Mutes. */
                type $Shape = patina.sync.v1.Mutes.$Properties;
            }

            /**
             * Properties of a MuteRule.
             * @deprecated Use patina.sync.v1.MuteRule.$Properties instead.
             */
            interface IMuteRule extends patina.sync.v1.MuteRule.$Properties {
            }

            /** Represents a MuteRule. */
            class MuteRule {

                /**
                 * Constructs a new MuteRule.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.MuteRule.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** MuteRule origin. */
                origin: Uint8Array;

                /** MuteRule muted. */
                muted: boolean;

                /** MuteRule at. */
                at: (number|Long);

                /**
                 * Encodes the specified MuteRule message. Does not implicitly {@link patina.sync.v1.MuteRule.verify|verify} messages.
                 * @param message MuteRule message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.MuteRule.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a MuteRule message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.MuteRule & patina.sync.v1.MuteRule.$Shape} MuteRule
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.MuteRule & patina.sync.v1.MuteRule.$Shape;
            }

            namespace MuteRule {

                /** Properties of a MuteRule. */
                interface $Properties {

                    /** MuteRule origin */
                    origin?: (Uint8Array|null);

                    /** MuteRule muted */
                    muted?: (boolean|null);

                    /** MuteRule at */
                    at?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a MuteRule. */
                type $Shape = patina.sync.v1.MuteRule.$Properties;
            }

            /**
             * Properties of an Await.
             * @deprecated Use patina.sync.v1.Await.$Properties instead.
             */
            interface IAwait extends patina.sync.v1.Await.$Properties {
            }

            /** Represents an Await. */
            class Await {

                /**
                 * Constructs a new Await.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Await.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Await versions. */
                versions: (number|Long)[];

                /**
                 * Encodes the specified Await message. Does not implicitly {@link patina.sync.v1.Await.verify|verify} messages.
                 * @param message Await message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Await.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes an Await message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Await & patina.sync.v1.Await.$Shape} Await
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Await & patina.sync.v1.Await.$Shape;
            }

            namespace Await {

                /** Properties of an Await. */
                interface $Properties {

                    /** Await versions */
                    versions?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of an Await. */
                type $Shape = patina.sync.v1.Await.$Properties;
            }

            /**
             * Properties of a Held.
             * @deprecated Use patina.sync.v1.Held.$Properties instead.
             */
            interface IHeld extends patina.sync.v1.Held.$Properties {
            }

            /** Represents a Held. */
            class Held {

                /**
                 * Constructs a new Held.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Held.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Held versions. */
                versions: (number|Long)[];

                /**
                 * Encodes the specified Held message. Does not implicitly {@link patina.sync.v1.Held.verify|verify} messages.
                 * @param message Held message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Held.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Held message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Held & patina.sync.v1.Held.$Shape} Held
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Held & patina.sync.v1.Held.$Shape;
            }

            namespace Held {

                /** Properties of a Held. */
                interface $Properties {

                    /** Held versions */
                    versions?: ((number|Long)[]|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Held. */
                type $Shape = patina.sync.v1.Held.$Properties;
            }

            /**
             * Properties of a Heads.
             * @deprecated Use patina.sync.v1.Heads.$Properties instead.
             */
            interface IHeads extends patina.sync.v1.Heads.$Properties {
            }

            /** Represents a Heads. */
            class Heads {

                /**
                 * Constructs a new Heads.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Heads.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Heads heads. */
                heads: patina.sync.v1.Head.$Properties[];

                /** Heads forks. */
                forks: patina.sync.v1.Fork.$Properties[];

                /** Heads isSettled. */
                isSettled: boolean;

                /**
                 * Encodes the specified Heads message. Does not implicitly {@link patina.sync.v1.Heads.verify|verify} messages.
                 * @param message Heads message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Heads.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Heads message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Heads & patina.sync.v1.Heads.$Shape} Heads
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Heads & patina.sync.v1.Heads.$Shape;
            }

            namespace Heads {

                /** Properties of a Heads. */
                interface $Properties {

                    /** Heads heads */
                    heads?: (patina.sync.v1.Head.$Properties[]|null);

                    /** Heads forks */
                    forks?: (patina.sync.v1.Fork.$Properties[]|null);

                    /** Heads isSettled */
                    isSettled?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Heads. */
                type $Shape = patina.sync.v1.Heads.$Properties;
            }

            /**
             * Properties of a Head.
             * @deprecated Use patina.sync.v1.Head.$Properties instead.
             */
            interface IHead extends patina.sync.v1.Head.$Properties {
            }

            /** Represents a Head. */
            class Head {

                /**
                 * Constructs a new Head.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Head.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Head actor. */
                actor: Uint8Array;

                /** Head version. */
                version: (number|Long);

                /** Head ts. */
                ts: (number|Long);

                /**
                 * Encodes the specified Head message. Does not implicitly {@link patina.sync.v1.Head.verify|verify} messages.
                 * @param message Head message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Head.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Head message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Head & patina.sync.v1.Head.$Shape} Head
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Head & patina.sync.v1.Head.$Shape;
            }

            namespace Head {

                /** Properties of a Head. */
                interface $Properties {

                    /** Head actor */
                    actor?: (Uint8Array|null);

                    /** Head version */
                    version?: (number|Long|null);

                    /** Head ts */
                    ts?: (number|Long|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Head. */
                type $Shape = patina.sync.v1.Head.$Properties;
            }

            /**
             * Properties of a Fork.
             * @deprecated Use patina.sync.v1.Fork.$Properties instead.
             */
            interface IFork extends patina.sync.v1.Fork.$Properties {
            }

            /** Represents a Fork. */
            class Fork {

                /**
                 * Constructs a new Fork.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Fork.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Fork actor. */
                actor: Uint8Array;

                /** Fork isRepairedHere. */
                isRepairedHere: boolean;

                /**
                 * Encodes the specified Fork message. Does not implicitly {@link patina.sync.v1.Fork.verify|verify} messages.
                 * @param message Fork message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Fork.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Fork message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Fork & patina.sync.v1.Fork.$Shape} Fork
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Fork & patina.sync.v1.Fork.$Shape;
            }

            namespace Fork {

                /** Properties of a Fork. */
                interface $Properties {

                    /** Fork actor */
                    actor?: (Uint8Array|null);

                    /** Fork isRepairedHere */
                    isRepairedHere?: (boolean|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Fork. */
                type $Shape = patina.sync.v1.Fork.$Properties;
            }

            /**
             * Properties of a Pulse.
             * @deprecated Use patina.sync.v1.Pulse.$Properties instead.
             */
            interface IPulse extends patina.sync.v1.Pulse.$Properties {
            }

            /** Represents a Pulse. */
            class Pulse {

                /**
                 * Constructs a new Pulse.
                 * @param [properties] Properties to set
                 */
                constructor(properties?: patina.sync.v1.Pulse.$Properties);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];

                /** Pulse version. */
                version: (number|Long);

                /** Pulse sent. */
                sent: number;

                /** Pulse answers. */
                answers: number;

                /**
                 * Encodes the specified Pulse message. Does not implicitly {@link patina.sync.v1.Pulse.verify|verify} messages.
                 * @param message Pulse message or plain object to encode
                 * @param [writer] Writer to encode to
                 * @returns Writer
                 */
                static encode(message: patina.sync.v1.Pulse.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

                /**
                 * Decodes a Pulse message from the specified reader or buffer.
                 * @param reader Reader or buffer to decode from
                 * @param [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Pulse & patina.sync.v1.Pulse.$Shape} Pulse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): patina.sync.v1.Pulse & patina.sync.v1.Pulse.$Shape;
            }

            namespace Pulse {

                /** Properties of a Pulse. */
                interface $Properties {

                    /** Pulse version */
                    version?: (number|Long|null);

                    /** Pulse sent */
                    sent?: (number|null);

                    /** Pulse answers */
                    answers?: (number|null);

                    /** Unknown fields preserved while decoding when enabled */
                    $unknowns?: Uint8Array[];
                }

                /** Shape of a Pulse. */
                type $Shape = patina.sync.v1.Pulse.$Properties;
            }
        }
    }
}
