/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["patina-sync"] || ($protobuf.roots["patina-sync"] = {});

export const patina = $root.patina = (() => {

    /**
     * Namespace patina.
     * @exports patina
     * @namespace
     */
    const patina = {};

    patina.sync = (function() {

        /**
         * Namespace sync.
         * @memberof patina
         * @namespace
         */
        const sync = {};

        sync.v1 = (function() {

            /**
             * Namespace v1.
             * @memberof patina.sync
             * @namespace
             */
            const v1 = {};

            /**
             * Mode enum.
             * @name patina.sync.v1.Mode
             * @enum {number}
             * @property {number} MODE_UNKNOWN=0 MODE_UNKNOWN value
             * @property {number} DIRECT=1 DIRECT value
             * @property {number} TREE=2 TREE value
             * @property {number} EPIDEMIC=3 EPIDEMIC value
             */
            v1.Mode = (function() {
                const valuesById = $Object.create(null), values = $Object.create(valuesById);
                values[valuesById[0] = "MODE_UNKNOWN"] = 0;
                values[valuesById[1] = "DIRECT"] = 1;
                values[valuesById[2] = "TREE"] = 2;
                values[valuesById[3] = "EPIDEMIC"] = 3;
                return values;
            })();

            v1.SyncMessage = (function() {

                /**
                 * Properties of a SyncMessage.
                 * @typedef {Object} patina.sync.v1.SyncMessage.$Properties
                 * @property {patina.sync.v1.Changes.$Properties|null} [changes] SyncMessage changes
                 * @property {patina.sync.v1.Digest.$Properties|null} [digest] SyncMessage digest
                 * @property {patina.sync.v1.Equal.$Properties|null} [equal] SyncMessage equal
                 * @property {patina.sync.v1.Summary.$Properties|null} [summary] SyncMessage summary
                 * @property {patina.sync.v1.Request.$Properties|null} [request] SyncMessage request
                 * @property {patina.sync.v1.Batch.$Properties|null} [batch] SyncMessage batch
                 * @property {patina.sync.v1.Credit.$Properties|null} [credit] SyncMessage credit
                 * @property {patina.sync.v1.Refusal.$Properties|null} [refusal] SyncMessage refusal
                 * @property {patina.sync.v1.Buckets.$Properties|null} [buckets] SyncMessage buckets
                 * @property {patina.sync.v1.Mutes.$Properties|null} [mutes] SyncMessage mutes
                 * @property {patina.sync.v1.Await.$Properties|null} [await] SyncMessage await
                 * @property {patina.sync.v1.Held.$Properties|null} [held] SyncMessage held
                 * @property {patina.sync.v1.Pulse.$Properties|null} [pulse] SyncMessage pulse
                 * @property {patina.sync.v1.Heads.$Properties|null} [heads] SyncMessage heads
                 * @property {"changes"|"digest"|"equal"|"summary"|"request"|"batch"|"credit"|"refusal"|"buckets"|"mutes"|"await"|"held"|"pulse"|"heads"} [body] SyncMessage body
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a SyncMessage.
                 * @memberof patina.sync.v1
                 * @interface ISyncMessage
                 * @augments patina.sync.v1.SyncMessage.$Properties
                 * @deprecated Use patina.sync.v1.SyncMessage.$Properties instead.
                 */

                /**
                 * Narrowed shape of a SyncMessage.
                 * @typedef {{
                 *   changes?: patina.sync.v1.Changes.$Shape|null;
                 *   digest?: patina.sync.v1.Digest.$Shape|null;
                 *   equal?: patina.sync.v1.Equal.$Shape|null;
                 *   summary?: patina.sync.v1.Summary.$Shape|null;
                 *   request?: patina.sync.v1.Request.$Shape|null;
                 *   batch?: patina.sync.v1.Batch.$Shape|null;
                 *   credit?: patina.sync.v1.Credit.$Shape|null;
                 *   refusal?: patina.sync.v1.Refusal.$Shape|null;
                 *   buckets?: patina.sync.v1.Buckets.$Shape|null;
                 *   mutes?: patina.sync.v1.Mutes.$Shape|null;
                 *   await?: patina.sync.v1.Await.$Shape|null;
                 *   held?: patina.sync.v1.Held.$Shape|null;
                 *   pulse?: patina.sync.v1.Pulse.$Shape|null;
                 *   heads?: patina.sync.v1.Heads.$Shape|null;
                 *   $unknowns?: Array.<Uint8Array>;
                 * } & (
                 *   ({ body?: undefined; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "changes"; changes: patina.sync.v1.Changes.$Shape; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "digest"; changes?: null; digest: patina.sync.v1.Digest.$Shape; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "equal"; changes?: null; digest?: null; equal: patina.sync.v1.Equal.$Shape; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "summary"; changes?: null; digest?: null; equal?: null; summary: patina.sync.v1.Summary.$Shape; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "request"; changes?: null; digest?: null; equal?: null; summary?: null; request: patina.sync.v1.Request.$Shape; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "batch"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch: patina.sync.v1.Batch.$Shape; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "credit"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit: patina.sync.v1.Credit.$Shape; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "refusal"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal: patina.sync.v1.Refusal.$Shape; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "buckets"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets: patina.sync.v1.Buckets.$Shape; mutes?: null; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "mutes"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes: patina.sync.v1.Mutes.$Shape; await?: null; held?: null; pulse?: null; heads?: null }|{ body?: "await"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await: patina.sync.v1.Await.$Shape; held?: null; pulse?: null; heads?: null }|{ body?: "held"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held: patina.sync.v1.Held.$Shape; pulse?: null; heads?: null }|{ body?: "pulse"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse: patina.sync.v1.Pulse.$Shape; heads?: null }|{ body?: "heads"; changes?: null; digest?: null; equal?: null; summary?: null; request?: null; batch?: null; credit?: null; refusal?: null; buckets?: null; mutes?: null; await?: null; held?: null; pulse?: null; heads: patina.sync.v1.Heads.$Shape })
                 * )} patina.sync.v1.SyncMessage.$Shape
                 */

                /**
                 * Constructs a new SyncMessage.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a SyncMessage.
                 * @constructor
                 * @param {patina.sync.v1.SyncMessage.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const SyncMessage = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * SyncMessage changes.
                 * @member {patina.sync.v1.Changes.$Properties|null|undefined} changes
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.changes = null;

                /**
                 * SyncMessage digest.
                 * @member {patina.sync.v1.Digest.$Properties|null|undefined} digest
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.digest = null;

                /**
                 * SyncMessage equal.
                 * @member {patina.sync.v1.Equal.$Properties|null|undefined} equal
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.equal = null;

                /**
                 * SyncMessage summary.
                 * @member {patina.sync.v1.Summary.$Properties|null|undefined} summary
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.summary = null;

                /**
                 * SyncMessage request.
                 * @member {patina.sync.v1.Request.$Properties|null|undefined} request
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.request = null;

                /**
                 * SyncMessage batch.
                 * @member {patina.sync.v1.Batch.$Properties|null|undefined} batch
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.batch = null;

                /**
                 * SyncMessage credit.
                 * @member {patina.sync.v1.Credit.$Properties|null|undefined} credit
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.credit = null;

                /**
                 * SyncMessage refusal.
                 * @member {patina.sync.v1.Refusal.$Properties|null|undefined} refusal
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.refusal = null;

                /**
                 * SyncMessage buckets.
                 * @member {patina.sync.v1.Buckets.$Properties|null|undefined} buckets
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.buckets = null;

                /**
                 * SyncMessage mutes.
                 * @member {patina.sync.v1.Mutes.$Properties|null|undefined} mutes
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.mutes = null;

                /**
                 * SyncMessage await.
                 * @member {patina.sync.v1.Await.$Properties|null|undefined} await
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.await = null;

                /**
                 * SyncMessage held.
                 * @member {patina.sync.v1.Held.$Properties|null|undefined} held
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.held = null;

                /**
                 * SyncMessage pulse.
                 * @member {patina.sync.v1.Pulse.$Properties|null|undefined} pulse
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.pulse = null;

                /**
                 * SyncMessage heads.
                 * @member {patina.sync.v1.Heads.$Properties|null|undefined} heads
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                SyncMessage.prototype.heads = null;

                // OneOf field names bound to virtual getters and setters
                let $oneOfFields;

                /**
                 * SyncMessage body.
                 * @member {"changes"|"digest"|"equal"|"summary"|"request"|"batch"|"credit"|"refusal"|"buckets"|"mutes"|"await"|"held"|"pulse"|"heads"|undefined} body
                 * @memberof patina.sync.v1.SyncMessage
                 * @instance
                 */
                $Object.defineProperty(SyncMessage.prototype, "body", {
                    get: $util.oneOfGetter($oneOfFields = ["changes", "digest", "equal", "summary", "request", "batch", "credit", "refusal", "buckets", "mutes", "await", "held", "pulse", "heads"]),
                    set: $util.oneOfSetter($oneOfFields)
                });

                /**
                 * Encodes the specified SyncMessage message. Does not implicitly {@link patina.sync.v1.SyncMessage.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.SyncMessage
                 * @static
                 * @param {patina.sync.v1.SyncMessage.$Properties} message SyncMessage message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                SyncMessage.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.changes != null && $Object.hasOwnProperty.call(message, "changes"))
                        $root.patina.sync.v1.Changes.encode(message.changes, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.digest != null && $Object.hasOwnProperty.call(message, "digest"))
                        $root.patina.sync.v1.Digest.encode(message.digest, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.equal != null && $Object.hasOwnProperty.call(message, "equal"))
                        $root.patina.sync.v1.Equal.encode(message.equal, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.summary != null && $Object.hasOwnProperty.call(message, "summary"))
                        $root.patina.sync.v1.Summary.encode(message.summary, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.request != null && $Object.hasOwnProperty.call(message, "request"))
                        $root.patina.sync.v1.Request.encode(message.request, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.batch != null && $Object.hasOwnProperty.call(message, "batch"))
                        $root.patina.sync.v1.Batch.encode(message.batch, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.credit != null && $Object.hasOwnProperty.call(message, "credit"))
                        $root.patina.sync.v1.Credit.encode(message.credit, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                    if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal"))
                        $root.patina.sync.v1.Refusal.encode(message.refusal, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                    if (message.buckets != null && $Object.hasOwnProperty.call(message, "buckets"))
                        $root.patina.sync.v1.Buckets.encode(message.buckets, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                    if (message.mutes != null && $Object.hasOwnProperty.call(message, "mutes"))
                        $root.patina.sync.v1.Mutes.encode(message.mutes, writer.uint32(/* id 20, wireType 2 =*/162).fork(), _depth + 1).ldelim();
                    if (message.await != null && $Object.hasOwnProperty.call(message, "await"))
                        $root.patina.sync.v1.Await.encode(message.await, writer.uint32(/* id 21, wireType 2 =*/170).fork(), _depth + 1).ldelim();
                    if (message.held != null && $Object.hasOwnProperty.call(message, "held"))
                        $root.patina.sync.v1.Held.encode(message.held, writer.uint32(/* id 22, wireType 2 =*/178).fork(), _depth + 1).ldelim();
                    if (message.pulse != null && $Object.hasOwnProperty.call(message, "pulse"))
                        $root.patina.sync.v1.Pulse.encode(message.pulse, writer.uint32(/* id 23, wireType 2 =*/186).fork(), _depth + 1).ldelim();
                    if (message.heads != null && $Object.hasOwnProperty.call(message, "heads"))
                        $root.patina.sync.v1.Heads.encode(message.heads, writer.uint32(/* id 30, wireType 2 =*/242).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a SyncMessage message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.SyncMessage
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.SyncMessage & patina.sync.v1.SyncMessage.$Shape} SyncMessage
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                SyncMessage.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.SyncMessage();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                message.changes = $root.patina.sync.v1.Changes.decode(reader, reader.size(), $undefined, _depth + 1, message.changes);
                                message.body = "changes";
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                message.digest = $root.patina.sync.v1.Digest.decode(reader, reader.size(), $undefined, _depth + 1, message.digest);
                                message.body = "digest";
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                message.equal = $root.patina.sync.v1.Equal.decode(reader, reader.size(), $undefined, _depth + 1, message.equal);
                                message.body = "equal";
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                message.summary = $root.patina.sync.v1.Summary.decode(reader, reader.size(), $undefined, _depth + 1, message.summary);
                                message.body = "summary";
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                message.request = $root.patina.sync.v1.Request.decode(reader, reader.size(), $undefined, _depth + 1, message.request);
                                message.body = "request";
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                message.batch = $root.patina.sync.v1.Batch.decode(reader, reader.size(), $undefined, _depth + 1, message.batch);
                                message.body = "batch";
                                continue;
                            }
                        case 7: {
                                if (wireType !== 2)
                                    break;
                                message.credit = $root.patina.sync.v1.Credit.decode(reader, reader.size(), $undefined, _depth + 1, message.credit);
                                message.body = "credit";
                                continue;
                            }
                        case 8: {
                                if (wireType !== 2)
                                    break;
                                message.refusal = $root.patina.sync.v1.Refusal.decode(reader, reader.size(), $undefined, _depth + 1, message.refusal);
                                message.body = "refusal";
                                continue;
                            }
                        case 9: {
                                if (wireType !== 2)
                                    break;
                                message.buckets = $root.patina.sync.v1.Buckets.decode(reader, reader.size(), $undefined, _depth + 1, message.buckets);
                                message.body = "buckets";
                                continue;
                            }
                        case 20: {
                                if (wireType !== 2)
                                    break;
                                message.mutes = $root.patina.sync.v1.Mutes.decode(reader, reader.size(), $undefined, _depth + 1, message.mutes);
                                message.body = "mutes";
                                continue;
                            }
                        case 21: {
                                if (wireType !== 2)
                                    break;
                                message.await = $root.patina.sync.v1.Await.decode(reader, reader.size(), $undefined, _depth + 1, message.await);
                                message.body = "await";
                                continue;
                            }
                        case 22: {
                                if (wireType !== 2)
                                    break;
                                message.held = $root.patina.sync.v1.Held.decode(reader, reader.size(), $undefined, _depth + 1, message.held);
                                message.body = "held";
                                continue;
                            }
                        case 23: {
                                if (wireType !== 2)
                                    break;
                                message.pulse = $root.patina.sync.v1.Pulse.decode(reader, reader.size(), $undefined, _depth + 1, message.pulse);
                                message.body = "pulse";
                                continue;
                            }
                        case 30: {
                                if (wireType !== 2)
                                    break;
                                message.heads = $root.patina.sync.v1.Heads.decode(reader, reader.size(), $undefined, _depth + 1, message.heads);
                                message.body = "heads";
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return SyncMessage;
            })();

            v1.Changes = (function() {

                /**
                 * Properties of a Changes.
                 * @typedef {Object} patina.sync.v1.Changes.$Properties
                 * @property {patina.sync.v1.Mode|null} [mode] Changes mode
                 * @property {Array.<Uint8Array>|null} [changesets] Changes changesets
                 * @property {boolean|null} [urgent] Changes urgent
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Changes.
                 * @memberof patina.sync.v1
                 * @interface IChanges
                 * @augments patina.sync.v1.Changes.$Properties
                 * @deprecated Use patina.sync.v1.Changes.$Properties instead.
                 */

                /**
                 * Shape of a Changes.
                 * @typedef {patina.sync.v1.Changes.$Properties} patina.sync.v1.Changes.$Shape
                 */

                /**
                 * Constructs a new Changes.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Changes.
                 * @constructor
                 * @param {patina.sync.v1.Changes.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Changes = function (properties) {
                    this.changesets = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Changes mode.
                 * @member {patina.sync.v1.Mode} mode
                 * @memberof patina.sync.v1.Changes
                 * @instance
                 */
                Changes.prototype.mode = 0;

                /**
                 * Changes changesets.
                 * @member {Array.<Uint8Array>} changesets
                 * @memberof patina.sync.v1.Changes
                 * @instance
                 */
                Changes.prototype.changesets = $util.emptyArray;

                /**
                 * Changes urgent.
                 * @member {boolean} urgent
                 * @memberof patina.sync.v1.Changes
                 * @instance
                 */
                Changes.prototype.urgent = false;

                /**
                 * Encodes the specified Changes message. Does not implicitly {@link patina.sync.v1.Changes.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Changes
                 * @static
                 * @param {patina.sync.v1.Changes.$Properties} message Changes message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Changes.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.mode != null && $Object.hasOwnProperty.call(message, "mode") && message.mode !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).int32(message.mode);
                    if (message.changesets != null && message.changesets.length)
                        for (let i = 0; i < message.changesets.length; ++i)
                            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.changesets[i]);
                    if (message.urgent != null && $Object.hasOwnProperty.call(message, "urgent") && message.urgent !== false)
                        writer.uint32(/* id 3, wireType 0 =*/24).bool(message.urgent);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Changes message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Changes
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Changes & patina.sync.v1.Changes.$Shape} Changes
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Changes.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Changes();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.int32())
                                    message.mode = value;
                                else
                                    delete message.mode;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.changesets && message.changesets.length))
                                    message.changesets = [];
                                message.changesets.push(reader.bytes());
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.urgent = value;
                                else
                                    delete message.urgent;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Changes;
            })();

            v1.Digest = (function() {

                /**
                 * Properties of a Digest.
                 * @typedef {Object} patina.sync.v1.Digest.$Properties
                 * @property {number|null} [exchange] Digest exchange
                 * @property {Uint8Array|null} [salt] Digest salt
                 * @property {Uint8Array|null} [root] Digest root
                 * @property {boolean|null} [understandsBuckets] Digest understandsBuckets
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Digest.
                 * @memberof patina.sync.v1
                 * @interface IDigest
                 * @augments patina.sync.v1.Digest.$Properties
                 * @deprecated Use patina.sync.v1.Digest.$Properties instead.
                 */

                /**
                 * Shape of a Digest.
                 * @typedef {patina.sync.v1.Digest.$Properties} patina.sync.v1.Digest.$Shape
                 */

                /**
                 * Constructs a new Digest.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Digest.
                 * @constructor
                 * @param {patina.sync.v1.Digest.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Digest = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Digest exchange.
                 * @member {number} exchange
                 * @memberof patina.sync.v1.Digest
                 * @instance
                 */
                Digest.prototype.exchange = 0;

                /**
                 * Digest salt.
                 * @member {Uint8Array} salt
                 * @memberof patina.sync.v1.Digest
                 * @instance
                 */
                Digest.prototype.salt = $util.newBuffer([]);

                /**
                 * Digest root.
                 * @member {Uint8Array} root
                 * @memberof patina.sync.v1.Digest
                 * @instance
                 */
                Digest.prototype.root = $util.newBuffer([]);

                /**
                 * Digest understandsBuckets.
                 * @member {boolean} understandsBuckets
                 * @memberof patina.sync.v1.Digest
                 * @instance
                 */
                Digest.prototype.understandsBuckets = false;

                /**
                 * Encodes the specified Digest message. Does not implicitly {@link patina.sync.v1.Digest.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Digest
                 * @static
                 * @param {patina.sync.v1.Digest.$Properties} message Digest message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Digest.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.salt != null && $Object.hasOwnProperty.call(message, "salt") && message.salt.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.salt);
                    if (message.root != null && $Object.hasOwnProperty.call(message, "root") && message.root.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.root);
                    if (message.understandsBuckets != null && $Object.hasOwnProperty.call(message, "understandsBuckets") && message.understandsBuckets !== false)
                        writer.uint32(/* id 5, wireType 0 =*/40).bool(message.understandsBuckets);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Digest message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Digest
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Digest & patina.sync.v1.Digest.$Shape} Digest
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Digest.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Digest();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.salt = value;
                                else
                                    delete message.salt;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.root = value;
                                else
                                    delete message.root;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.understandsBuckets = value;
                                else
                                    delete message.understandsBuckets;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Digest;
            })();

            v1.Buckets = (function() {

                /**
                 * Properties of a Buckets.
                 * @typedef {Object} patina.sync.v1.Buckets.$Properties
                 * @property {number|null} [exchange] Buckets exchange
                 * @property {Uint8Array|null} [hashes] Buckets hashes
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Buckets.
                 * @memberof patina.sync.v1
                 * @interface IBuckets
                 * @augments patina.sync.v1.Buckets.$Properties
                 * @deprecated Use patina.sync.v1.Buckets.$Properties instead.
                 */

                /**
                 * Shape of a Buckets.
                 * @typedef {patina.sync.v1.Buckets.$Properties} patina.sync.v1.Buckets.$Shape
                 */

                /**
                 * Constructs a new Buckets.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Buckets.
                 * @constructor
                 * @param {patina.sync.v1.Buckets.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Buckets = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Buckets exchange.
                 * @member {number} exchange
                 * @memberof patina.sync.v1.Buckets
                 * @instance
                 */
                Buckets.prototype.exchange = 0;

                /**
                 * Buckets hashes.
                 * @member {Uint8Array} hashes
                 * @memberof patina.sync.v1.Buckets
                 * @instance
                 */
                Buckets.prototype.hashes = $util.newBuffer([]);

                /**
                 * Encodes the specified Buckets message. Does not implicitly {@link patina.sync.v1.Buckets.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Buckets
                 * @static
                 * @param {patina.sync.v1.Buckets.$Properties} message Buckets message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Buckets.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.hashes != null && $Object.hasOwnProperty.call(message, "hashes") && message.hashes.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.hashes);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Buckets message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Buckets
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Buckets & patina.sync.v1.Buckets.$Shape} Buckets
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Buckets.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Buckets();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.hashes = value;
                                else
                                    delete message.hashes;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Buckets;
            })();

            v1.Equal = (function() {

                /**
                 * Properties of an Equal.
                 * @typedef {Object} patina.sync.v1.Equal.$Properties
                 * @property {number|null} [exchange] Equal exchange
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Equal.
                 * @memberof patina.sync.v1
                 * @interface IEqual
                 * @augments patina.sync.v1.Equal.$Properties
                 * @deprecated Use patina.sync.v1.Equal.$Properties instead.
                 */

                /**
                 * Shape of an Equal.
                 * @typedef {patina.sync.v1.Equal.$Properties} patina.sync.v1.Equal.$Shape
                 */

                /**
                 * Constructs a new Equal.
                 * @memberof patina.sync.v1
                 * @classdesc Represents an Equal.
                 * @constructor
                 * @param {patina.sync.v1.Equal.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Equal = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Equal exchange.
                 * @member {number} exchange
                 * @memberof patina.sync.v1.Equal
                 * @instance
                 */
                Equal.prototype.exchange = 0;

                /**
                 * Encodes the specified Equal message. Does not implicitly {@link patina.sync.v1.Equal.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Equal
                 * @static
                 * @param {patina.sync.v1.Equal.$Properties} message Equal message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Equal.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Equal message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Equal
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Equal & patina.sync.v1.Equal.$Shape} Equal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Equal.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Equal();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Equal;
            })();

            v1.Summary = (function() {

                /**
                 * Properties of a Summary.
                 * @typedef {Object} patina.sync.v1.Summary.$Properties
                 * @property {number|null} [exchange] Summary exchange
                 * @property {boolean|null} [answerWanted] Summary answerWanted
                 * @property {Array.<patina.sync.v1.ActorSummary.$Properties>|null} [actors] Summary actors
                 * @property {Uint8Array|null} [scope] Summary scope
                 * @property {boolean|null} [onlyAsks] Summary onlyAsks
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Summary.
                 * @memberof patina.sync.v1
                 * @interface ISummary
                 * @augments patina.sync.v1.Summary.$Properties
                 * @deprecated Use patina.sync.v1.Summary.$Properties instead.
                 */

                /**
                 * Shape of a Summary.
                 * @typedef {patina.sync.v1.Summary.$Properties} patina.sync.v1.Summary.$Shape
                 */

                /**
                 * Constructs a new Summary.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Summary.
                 * @constructor
                 * @param {patina.sync.v1.Summary.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Summary = function (properties) {
                    this.actors = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Summary exchange.
                 * @member {number} exchange
                 * @memberof patina.sync.v1.Summary
                 * @instance
                 */
                Summary.prototype.exchange = 0;

                /**
                 * Summary answerWanted.
                 * @member {boolean} answerWanted
                 * @memberof patina.sync.v1.Summary
                 * @instance
                 */
                Summary.prototype.answerWanted = false;

                /**
                 * Summary actors.
                 * @member {Array.<patina.sync.v1.ActorSummary.$Properties>} actors
                 * @memberof patina.sync.v1.Summary
                 * @instance
                 */
                Summary.prototype.actors = $util.emptyArray;

                /**
                 * Summary scope.
                 * @member {Uint8Array} scope
                 * @memberof patina.sync.v1.Summary
                 * @instance
                 */
                Summary.prototype.scope = $util.newBuffer([]);

                /**
                 * Summary onlyAsks.
                 * @member {boolean} onlyAsks
                 * @memberof patina.sync.v1.Summary
                 * @instance
                 */
                Summary.prototype.onlyAsks = false;

                /**
                 * Encodes the specified Summary message. Does not implicitly {@link patina.sync.v1.Summary.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Summary
                 * @static
                 * @param {patina.sync.v1.Summary.$Properties} message Summary message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Summary.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.answerWanted != null && $Object.hasOwnProperty.call(message, "answerWanted") && message.answerWanted !== false)
                        writer.uint32(/* id 2, wireType 0 =*/16).bool(message.answerWanted);
                    if (message.actors != null && message.actors.length)
                        for (let i = 0; i < message.actors.length; ++i)
                            $root.patina.sync.v1.ActorSummary.encode(message.actors[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.scope != null && $Object.hasOwnProperty.call(message, "scope") && message.scope.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.scope);
                    if (message.onlyAsks != null && $Object.hasOwnProperty.call(message, "onlyAsks") && message.onlyAsks !== false)
                        writer.uint32(/* id 5, wireType 0 =*/40).bool(message.onlyAsks);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Summary message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Summary
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Summary & patina.sync.v1.Summary.$Shape} Summary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Summary.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Summary();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.answerWanted = value;
                                else
                                    delete message.answerWanted;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.actors && message.actors.length))
                                    message.actors = [];
                                message.actors.push($root.patina.sync.v1.ActorSummary.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.scope = value;
                                else
                                    delete message.scope;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.onlyAsks = value;
                                else
                                    delete message.onlyAsks;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Summary;
            })();

            v1.ActorSummary = (function() {

                /**
                 * Properties of an ActorSummary.
                 * @typedef {Object} patina.sync.v1.ActorSummary.$Properties
                 * @property {Uint8Array|null} [actor] ActorSummary actor
                 * @property {Array.<number|Long>|null} [have] ActorSummary have
                 * @property {number|Long|null} [head] ActorSummary head
                 * @property {number|Long|null} [headTs] ActorSummary headTs
                 * @property {Array.<patina.sync.v1.Partial.$Properties>|null} [partials] ActorSummary partials
                 * @property {Array.<number|Long>|null} [lost] ActorSummary lost
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an ActorSummary.
                 * @memberof patina.sync.v1
                 * @interface IActorSummary
                 * @augments patina.sync.v1.ActorSummary.$Properties
                 * @deprecated Use patina.sync.v1.ActorSummary.$Properties instead.
                 */

                /**
                 * Shape of an ActorSummary.
                 * @typedef {patina.sync.v1.ActorSummary.$Properties} patina.sync.v1.ActorSummary.$Shape
                 */

                /**
                 * Constructs a new ActorSummary.
                 * @memberof patina.sync.v1
                 * @classdesc Represents an ActorSummary.
                 * @constructor
                 * @param {patina.sync.v1.ActorSummary.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ActorSummary = function (properties) {
                    this.have = [];
                    this.partials = [];
                    this.lost = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ActorSummary actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.actor = $util.newBuffer([]);

                /**
                 * ActorSummary have.
                 * @member {Array.<number|Long>} have
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.have = $util.emptyArray;

                /**
                 * ActorSummary head.
                 * @member {number|Long} head
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.head = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * ActorSummary headTs.
                 * @member {number|Long} headTs
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.headTs = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * ActorSummary partials.
                 * @member {Array.<patina.sync.v1.Partial.$Properties>} partials
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.partials = $util.emptyArray;

                /**
                 * ActorSummary lost.
                 * @member {Array.<number|Long>} lost
                 * @memberof patina.sync.v1.ActorSummary
                 * @instance
                 */
                ActorSummary.prototype.lost = $util.emptyArray;

                /**
                 * Encodes the specified ActorSummary message. Does not implicitly {@link patina.sync.v1.ActorSummary.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.ActorSummary
                 * @static
                 * @param {patina.sync.v1.ActorSummary.$Properties} message ActorSummary message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ActorSummary.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.have != null && message.have.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.have);
                    if (message.head != null && $Object.hasOwnProperty.call(message, "head") && (typeof message.head === "object" ? message.head.low || message.head.high : message.head !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.head);
                    if (message.headTs != null && $Object.hasOwnProperty.call(message, "headTs") && (typeof message.headTs === "object" ? message.headTs.low || message.headTs.high : message.headTs !== 0))
                        writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.headTs);
                    if (message.partials != null && message.partials.length)
                        for (let i = 0; i < message.partials.length; ++i)
                            $root.patina.sync.v1.Partial.encode(message.partials[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                    if (message.lost != null && message.lost.length)
                        writer.uint32(/* id 6, wireType 2 =*/50).uint64s(message.lost);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an ActorSummary message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.ActorSummary
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.ActorSummary & patina.sync.v1.ActorSummary.$Shape} ActorSummary
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ActorSummary.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.ActorSummary();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.have && message.have.length))
                                        message.have = [];
                                    reader.uint64s(message.have);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.have && message.have.length))
                                    message.have = [];
                                message.have.push(reader.uint64());
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.head = value;
                                else
                                    delete message.head;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.headTs = value;
                                else
                                    delete message.headTs;
                                continue;
                            }
                        case 5: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.partials && message.partials.length))
                                    message.partials = [];
                                message.partials.push($root.patina.sync.v1.Partial.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 6: {
                                if (wireType === 2) {
                                    if (!(message.lost && message.lost.length))
                                        message.lost = [];
                                    reader.uint64s(message.lost);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.lost && message.lost.length))
                                    message.lost = [];
                                message.lost.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ActorSummary;
            })();

            v1.Partial = (function() {

                /**
                 * Properties of a Partial.
                 * @typedef {Object} patina.sync.v1.Partial.$Properties
                 * @property {number|Long|null} [version] Partial version
                 * @property {number|Long|null} [lastSeq] Partial lastSeq
                 * @property {Array.<number|Long>|null} [seqs] Partial seqs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Partial.
                 * @memberof patina.sync.v1
                 * @interface IPartial
                 * @augments patina.sync.v1.Partial.$Properties
                 * @deprecated Use patina.sync.v1.Partial.$Properties instead.
                 */

                /**
                 * Shape of a Partial.
                 * @typedef {patina.sync.v1.Partial.$Properties} patina.sync.v1.Partial.$Shape
                 */

                /**
                 * Constructs a new Partial.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Partial.
                 * @constructor
                 * @param {patina.sync.v1.Partial.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Partial = function (properties) {
                    this.seqs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Partial version.
                 * @member {number|Long} version
                 * @memberof patina.sync.v1.Partial
                 * @instance
                 */
                Partial.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Partial lastSeq.
                 * @member {number|Long} lastSeq
                 * @memberof patina.sync.v1.Partial
                 * @instance
                 */
                Partial.prototype.lastSeq = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Partial seqs.
                 * @member {Array.<number|Long>} seqs
                 * @memberof patina.sync.v1.Partial
                 * @instance
                 */
                Partial.prototype.seqs = $util.emptyArray;

                /**
                 * Encodes the specified Partial message. Does not implicitly {@link patina.sync.v1.Partial.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Partial
                 * @static
                 * @param {patina.sync.v1.Partial.$Properties} message Partial message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Partial.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.version);
                    if (message.lastSeq != null && $Object.hasOwnProperty.call(message, "lastSeq") && (typeof message.lastSeq === "object" ? message.lastSeq.low || message.lastSeq.high : message.lastSeq !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.lastSeq);
                    if (message.seqs != null && message.seqs.length)
                        writer.uint32(/* id 3, wireType 2 =*/26).uint64s(message.seqs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Partial message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Partial
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Partial & patina.sync.v1.Partial.$Shape} Partial
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Partial.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Partial();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.version = value;
                                else
                                    delete message.version;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.lastSeq = value;
                                else
                                    delete message.lastSeq;
                                continue;
                            }
                        case 3: {
                                if (wireType === 2) {
                                    if (!(message.seqs && message.seqs.length))
                                        message.seqs = [];
                                    reader.uint64s(message.seqs);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.seqs && message.seqs.length))
                                    message.seqs = [];
                                message.seqs.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Partial;
            })();

            v1.Request = (function() {

                /**
                 * Properties of a Request.
                 * @typedef {Object} patina.sync.v1.Request.$Properties
                 * @property {number|null} [request] Request request
                 * @property {Array.<patina.sync.v1.Need.$Properties>|null} [needs] Request needs
                 * @property {number|Long|null} [budgetBytes] Request budgetBytes
                 * @property {number|null} [credits] Request credits
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Request.
                 * @memberof patina.sync.v1
                 * @interface IRequest
                 * @augments patina.sync.v1.Request.$Properties
                 * @deprecated Use patina.sync.v1.Request.$Properties instead.
                 */

                /**
                 * Shape of a Request.
                 * @typedef {patina.sync.v1.Request.$Properties} patina.sync.v1.Request.$Shape
                 */

                /**
                 * Constructs a new Request.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Request.
                 * @constructor
                 * @param {patina.sync.v1.Request.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Request = function (properties) {
                    this.needs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Request request.
                 * @member {number} request
                 * @memberof patina.sync.v1.Request
                 * @instance
                 */
                Request.prototype.request = 0;

                /**
                 * Request needs.
                 * @member {Array.<patina.sync.v1.Need.$Properties>} needs
                 * @memberof patina.sync.v1.Request
                 * @instance
                 */
                Request.prototype.needs = $util.emptyArray;

                /**
                 * Request budgetBytes.
                 * @member {number|Long} budgetBytes
                 * @memberof patina.sync.v1.Request
                 * @instance
                 */
                Request.prototype.budgetBytes = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Request credits.
                 * @member {number} credits
                 * @memberof patina.sync.v1.Request
                 * @instance
                 */
                Request.prototype.credits = 0;

                /**
                 * Encodes the specified Request message. Does not implicitly {@link patina.sync.v1.Request.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Request
                 * @static
                 * @param {patina.sync.v1.Request.$Properties} message Request message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Request.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
                    if (message.needs != null && message.needs.length)
                        for (let i = 0; i < message.needs.length; ++i)
                            $root.patina.sync.v1.Need.encode(message.needs[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.budgetBytes != null && $Object.hasOwnProperty.call(message, "budgetBytes") && (typeof message.budgetBytes === "object" ? message.budgetBytes.low || message.budgetBytes.high : message.budgetBytes !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.budgetBytes);
                    if (message.credits != null && $Object.hasOwnProperty.call(message, "credits") && message.credits !== 0)
                        writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.credits);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Request message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Request
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Request & patina.sync.v1.Request.$Shape} Request
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Request.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Request();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.request = value;
                                else
                                    delete message.request;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.needs && message.needs.length))
                                    message.needs = [];
                                message.needs.push($root.patina.sync.v1.Need.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.budgetBytes = value;
                                else
                                    delete message.budgetBytes;
                                continue;
                            }
                        case 4: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.credits = value;
                                else
                                    delete message.credits;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Request;
            })();

            v1.Need = (function() {

                /**
                 * Properties of a Need.
                 * @typedef {Object} patina.sync.v1.Need.$Properties
                 * @property {Uint8Array|null} [actor] Need actor
                 * @property {Array.<number|Long>|null} [versions] Need versions
                 * @property {number|Long|null} [version] Need version
                 * @property {Array.<number|Long>|null} [seqs] Need seqs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Need.
                 * @memberof patina.sync.v1
                 * @interface INeed
                 * @augments patina.sync.v1.Need.$Properties
                 * @deprecated Use patina.sync.v1.Need.$Properties instead.
                 */

                /**
                 * Shape of a Need.
                 * @typedef {patina.sync.v1.Need.$Properties} patina.sync.v1.Need.$Shape
                 */

                /**
                 * Constructs a new Need.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Need.
                 * @constructor
                 * @param {patina.sync.v1.Need.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Need = function (properties) {
                    this.versions = [];
                    this.seqs = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Need actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.sync.v1.Need
                 * @instance
                 */
                Need.prototype.actor = $util.newBuffer([]);

                /**
                 * Need versions.
                 * @member {Array.<number|Long>} versions
                 * @memberof patina.sync.v1.Need
                 * @instance
                 */
                Need.prototype.versions = $util.emptyArray;

                /**
                 * Need version.
                 * @member {number|Long} version
                 * @memberof patina.sync.v1.Need
                 * @instance
                 */
                Need.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Need seqs.
                 * @member {Array.<number|Long>} seqs
                 * @memberof patina.sync.v1.Need
                 * @instance
                 */
                Need.prototype.seqs = $util.emptyArray;

                /**
                 * Encodes the specified Need message. Does not implicitly {@link patina.sync.v1.Need.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Need
                 * @static
                 * @param {patina.sync.v1.Need.$Properties} message Need message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Need.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.versions != null && message.versions.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.versions);
                    if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.version);
                    if (message.seqs != null && message.seqs.length)
                        writer.uint32(/* id 4, wireType 2 =*/34).uint64s(message.seqs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Need message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Need
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Need & patina.sync.v1.Need.$Shape} Need
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Need.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Need();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.versions && message.versions.length))
                                        message.versions = [];
                                    reader.uint64s(message.versions);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.versions && message.versions.length))
                                    message.versions = [];
                                message.versions.push(reader.uint64());
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.version = value;
                                else
                                    delete message.version;
                                continue;
                            }
                        case 4: {
                                if (wireType === 2) {
                                    if (!(message.seqs && message.seqs.length))
                                        message.seqs = [];
                                    reader.uint64s(message.seqs);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.seqs && message.seqs.length))
                                    message.seqs = [];
                                message.seqs.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Need;
            })();

            v1.ActorVersions = (function() {

                /**
                 * Properties of an ActorVersions.
                 * @typedef {Object} patina.sync.v1.ActorVersions.$Properties
                 * @property {Uint8Array|null} [actor] ActorVersions actor
                 * @property {Array.<number|Long>|null} [versions] ActorVersions versions
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an ActorVersions.
                 * @memberof patina.sync.v1
                 * @interface IActorVersions
                 * @augments patina.sync.v1.ActorVersions.$Properties
                 * @deprecated Use patina.sync.v1.ActorVersions.$Properties instead.
                 */

                /**
                 * Shape of an ActorVersions.
                 * @typedef {patina.sync.v1.ActorVersions.$Properties} patina.sync.v1.ActorVersions.$Shape
                 */

                /**
                 * Constructs a new ActorVersions.
                 * @memberof patina.sync.v1
                 * @classdesc Represents an ActorVersions.
                 * @constructor
                 * @param {patina.sync.v1.ActorVersions.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const ActorVersions = function (properties) {
                    this.versions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * ActorVersions actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.sync.v1.ActorVersions
                 * @instance
                 */
                ActorVersions.prototype.actor = $util.newBuffer([]);

                /**
                 * ActorVersions versions.
                 * @member {Array.<number|Long>} versions
                 * @memberof patina.sync.v1.ActorVersions
                 * @instance
                 */
                ActorVersions.prototype.versions = $util.emptyArray;

                /**
                 * Encodes the specified ActorVersions message. Does not implicitly {@link patina.sync.v1.ActorVersions.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.ActorVersions
                 * @static
                 * @param {patina.sync.v1.ActorVersions.$Properties} message ActorVersions message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                ActorVersions.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.versions != null && message.versions.length)
                        writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.versions);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an ActorVersions message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.ActorVersions
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.ActorVersions & patina.sync.v1.ActorVersions.$Shape} ActorVersions
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                ActorVersions.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.ActorVersions();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType === 2) {
                                    if (!(message.versions && message.versions.length))
                                        message.versions = [];
                                    reader.uint64s(message.versions);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.versions && message.versions.length))
                                    message.versions = [];
                                message.versions.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return ActorVersions;
            })();

            v1.Batch = (function() {

                /**
                 * Properties of a Batch.
                 * @typedef {Object} patina.sync.v1.Batch.$Properties
                 * @property {number|null} [request] Batch request
                 * @property {Array.<Uint8Array>|null} [changesets] Batch changesets
                 * @property {Array.<patina.sync.v1.ActorVersions.$Properties>|null} [cleared] Batch cleared
                 * @property {Array.<patina.sync.v1.ActorVersions.$Properties>|null} [basis] Batch basis
                 * @property {boolean|null} [done] Batch done
                 * @property {Array.<patina.sync.v1.Need.$Properties>|null} [rest] Batch rest
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Batch.
                 * @memberof patina.sync.v1
                 * @interface IBatch
                 * @augments patina.sync.v1.Batch.$Properties
                 * @deprecated Use patina.sync.v1.Batch.$Properties instead.
                 */

                /**
                 * Shape of a Batch.
                 * @typedef {patina.sync.v1.Batch.$Properties} patina.sync.v1.Batch.$Shape
                 */

                /**
                 * Constructs a new Batch.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Batch.
                 * @constructor
                 * @param {patina.sync.v1.Batch.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Batch = function (properties) {
                    this.changesets = [];
                    this.cleared = [];
                    this.basis = [];
                    this.rest = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Batch request.
                 * @member {number} request
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.request = 0;

                /**
                 * Batch changesets.
                 * @member {Array.<Uint8Array>} changesets
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.changesets = $util.emptyArray;

                /**
                 * Batch cleared.
                 * @member {Array.<patina.sync.v1.ActorVersions.$Properties>} cleared
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.cleared = $util.emptyArray;

                /**
                 * Batch basis.
                 * @member {Array.<patina.sync.v1.ActorVersions.$Properties>} basis
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.basis = $util.emptyArray;

                /**
                 * Batch done.
                 * @member {boolean} done
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.done = false;

                /**
                 * Batch rest.
                 * @member {Array.<patina.sync.v1.Need.$Properties>} rest
                 * @memberof patina.sync.v1.Batch
                 * @instance
                 */
                Batch.prototype.rest = $util.emptyArray;

                /**
                 * Encodes the specified Batch message. Does not implicitly {@link patina.sync.v1.Batch.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Batch
                 * @static
                 * @param {patina.sync.v1.Batch.$Properties} message Batch message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Batch.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
                    if (message.changesets != null && message.changesets.length)
                        for (let i = 0; i < message.changesets.length; ++i)
                            writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.changesets[i]);
                    if (message.cleared != null && message.cleared.length)
                        for (let i = 0; i < message.cleared.length; ++i)
                            $root.patina.sync.v1.ActorVersions.encode(message.cleared[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                    if (message.basis != null && message.basis.length)
                        for (let i = 0; i < message.basis.length; ++i)
                            $root.patina.sync.v1.ActorVersions.encode(message.basis[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                    if (message.done != null && $Object.hasOwnProperty.call(message, "done") && message.done !== false)
                        writer.uint32(/* id 5, wireType 0 =*/40).bool(message.done);
                    if (message.rest != null && message.rest.length)
                        for (let i = 0; i < message.rest.length; ++i)
                            $root.patina.sync.v1.Need.encode(message.rest[i], writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Batch message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Batch
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Batch & patina.sync.v1.Batch.$Shape} Batch
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Batch.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Batch();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.request = value;
                                else
                                    delete message.request;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.changesets && message.changesets.length))
                                    message.changesets = [];
                                message.changesets.push(reader.bytes());
                                continue;
                            }
                        case 3: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.cleared && message.cleared.length))
                                    message.cleared = [];
                                message.cleared.push($root.patina.sync.v1.ActorVersions.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 4: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.basis && message.basis.length))
                                    message.basis = [];
                                message.basis.push($root.patina.sync.v1.ActorVersions.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 5: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.done = value;
                                else
                                    delete message.done;
                                continue;
                            }
                        case 6: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.rest && message.rest.length))
                                    message.rest = [];
                                message.rest.push($root.patina.sync.v1.Need.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Batch;
            })();

            v1.Credit = (function() {

                /**
                 * Properties of a Credit.
                 * @typedef {Object} patina.sync.v1.Credit.$Properties
                 * @property {number|null} [request] Credit request
                 * @property {number|null} [batches] Credit batches
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Credit.
                 * @memberof patina.sync.v1
                 * @interface ICredit
                 * @augments patina.sync.v1.Credit.$Properties
                 * @deprecated Use patina.sync.v1.Credit.$Properties instead.
                 */

                /**
                 * Shape of a Credit.
                 * @typedef {patina.sync.v1.Credit.$Properties} patina.sync.v1.Credit.$Shape
                 */

                /**
                 * Constructs a new Credit.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Credit.
                 * @constructor
                 * @param {patina.sync.v1.Credit.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Credit = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Credit request.
                 * @member {number} request
                 * @memberof patina.sync.v1.Credit
                 * @instance
                 */
                Credit.prototype.request = 0;

                /**
                 * Credit batches.
                 * @member {number} batches
                 * @memberof patina.sync.v1.Credit
                 * @instance
                 */
                Credit.prototype.batches = 0;

                /**
                 * Encodes the specified Credit message. Does not implicitly {@link patina.sync.v1.Credit.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Credit
                 * @static
                 * @param {patina.sync.v1.Credit.$Properties} message Credit message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Credit.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
                    if (message.batches != null && $Object.hasOwnProperty.call(message, "batches") && message.batches !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.batches);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Credit message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Credit
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Credit & patina.sync.v1.Credit.$Shape} Credit
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Credit.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Credit();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.request = value;
                                else
                                    delete message.request;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.batches = value;
                                else
                                    delete message.batches;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Credit;
            })();

            v1.Refusal = (function() {

                /**
                 * Properties of a Refusal.
                 * @typedef {Object} patina.sync.v1.Refusal.$Properties
                 * @property {number|null} [exchange] Refusal exchange
                 * @property {number|null} [request] Refusal request
                 * @property {number|null} [retryMs] Refusal retryMs
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Refusal.
                 * @memberof patina.sync.v1
                 * @interface IRefusal
                 * @augments patina.sync.v1.Refusal.$Properties
                 * @deprecated Use patina.sync.v1.Refusal.$Properties instead.
                 */

                /**
                 * Shape of a Refusal.
                 * @typedef {patina.sync.v1.Refusal.$Properties} patina.sync.v1.Refusal.$Shape
                 */

                /**
                 * Constructs a new Refusal.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Refusal.
                 * @constructor
                 * @param {patina.sync.v1.Refusal.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Refusal = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Refusal exchange.
                 * @member {number} exchange
                 * @memberof patina.sync.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.exchange = 0;

                /**
                 * Refusal request.
                 * @member {number} request
                 * @memberof patina.sync.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.request = 0;

                /**
                 * Refusal retryMs.
                 * @member {number} retryMs
                 * @memberof patina.sync.v1.Refusal
                 * @instance
                 */
                Refusal.prototype.retryMs = 0;

                /**
                 * Encodes the specified Refusal message. Does not implicitly {@link patina.sync.v1.Refusal.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Refusal
                 * @static
                 * @param {patina.sync.v1.Refusal.$Properties} message Refusal message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Refusal.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.exchange != null && $Object.hasOwnProperty.call(message, "exchange") && message.exchange !== 0)
                        writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.exchange);
                    if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.request);
                    if (message.retryMs != null && $Object.hasOwnProperty.call(message, "retryMs") && message.retryMs !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.retryMs);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Refusal message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Refusal
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Refusal & patina.sync.v1.Refusal.$Shape} Refusal
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Refusal.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Refusal();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.exchange = value;
                                else
                                    delete message.exchange;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.request = value;
                                else
                                    delete message.request;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.retryMs = value;
                                else
                                    delete message.retryMs;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Refusal;
            })();

            v1.Mutes = (function() {

                /**
                 * Properties of a Mutes.
                 * @typedef {Object} patina.sync.v1.Mutes.$Properties
                 * @property {Array.<patina.sync.v1.MuteRule.$Properties>|null} [rules] Mutes rules
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Mutes.
                 * @memberof patina.sync.v1
                 * @interface IMutes
                 * @augments patina.sync.v1.Mutes.$Properties
                 * @deprecated Use patina.sync.v1.Mutes.$Properties instead.
                 */

                /**
                 * Shape of a Mutes.
                 * @typedef {patina.sync.v1.Mutes.$Properties} patina.sync.v1.Mutes.$Shape
                 */

                /**
                 * Constructs a new Mutes.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Mutes.
                 * @constructor
                 * @param {patina.sync.v1.Mutes.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Mutes = function (properties) {
                    this.rules = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Mutes rules.
                 * @member {Array.<patina.sync.v1.MuteRule.$Properties>} rules
                 * @memberof patina.sync.v1.Mutes
                 * @instance
                 */
                Mutes.prototype.rules = $util.emptyArray;

                /**
                 * Encodes the specified Mutes message. Does not implicitly {@link patina.sync.v1.Mutes.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Mutes
                 * @static
                 * @param {patina.sync.v1.Mutes.$Properties} message Mutes message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Mutes.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.rules != null && message.rules.length)
                        for (let i = 0; i < message.rules.length; ++i)
                            $root.patina.sync.v1.MuteRule.encode(message.rules[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Mutes message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Mutes
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Mutes & patina.sync.v1.Mutes.$Shape} Mutes
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Mutes.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Mutes();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.rules && message.rules.length))
                                    message.rules = [];
                                message.rules.push($root.patina.sync.v1.MuteRule.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Mutes;
            })();

            v1.MuteRule = (function() {

                /**
                 * Properties of a MuteRule.
                 * @typedef {Object} patina.sync.v1.MuteRule.$Properties
                 * @property {Uint8Array|null} [origin] MuteRule origin
                 * @property {boolean|null} [muted] MuteRule muted
                 * @property {number|Long|null} [at] MuteRule at
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a MuteRule.
                 * @memberof patina.sync.v1
                 * @interface IMuteRule
                 * @augments patina.sync.v1.MuteRule.$Properties
                 * @deprecated Use patina.sync.v1.MuteRule.$Properties instead.
                 */

                /**
                 * Shape of a MuteRule.
                 * @typedef {patina.sync.v1.MuteRule.$Properties} patina.sync.v1.MuteRule.$Shape
                 */

                /**
                 * Constructs a new MuteRule.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a MuteRule.
                 * @constructor
                 * @param {patina.sync.v1.MuteRule.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const MuteRule = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * MuteRule origin.
                 * @member {Uint8Array} origin
                 * @memberof patina.sync.v1.MuteRule
                 * @instance
                 */
                MuteRule.prototype.origin = $util.newBuffer([]);

                /**
                 * MuteRule muted.
                 * @member {boolean} muted
                 * @memberof patina.sync.v1.MuteRule
                 * @instance
                 */
                MuteRule.prototype.muted = false;

                /**
                 * MuteRule at.
                 * @member {number|Long} at
                 * @memberof patina.sync.v1.MuteRule
                 * @instance
                 */
                MuteRule.prototype.at = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Encodes the specified MuteRule message. Does not implicitly {@link patina.sync.v1.MuteRule.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.MuteRule
                 * @static
                 * @param {patina.sync.v1.MuteRule.$Properties} message MuteRule message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                MuteRule.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.origin != null && $Object.hasOwnProperty.call(message, "origin") && message.origin.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.origin);
                    if (message.muted != null && $Object.hasOwnProperty.call(message, "muted") && message.muted !== false)
                        writer.uint32(/* id 2, wireType 0 =*/16).bool(message.muted);
                    if (message.at != null && $Object.hasOwnProperty.call(message, "at") && (typeof message.at === "object" ? message.at.low || message.at.high : message.at !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.at);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a MuteRule message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.MuteRule
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.MuteRule & patina.sync.v1.MuteRule.$Shape} MuteRule
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                MuteRule.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.MuteRule();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.origin = value;
                                else
                                    delete message.origin;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.muted = value;
                                else
                                    delete message.muted;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.at = value;
                                else
                                    delete message.at;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return MuteRule;
            })();

            v1.Await = (function() {

                /**
                 * Properties of an Await.
                 * @typedef {Object} patina.sync.v1.Await.$Properties
                 * @property {Array.<number|Long>|null} [versions] Await versions
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of an Await.
                 * @memberof patina.sync.v1
                 * @interface IAwait
                 * @augments patina.sync.v1.Await.$Properties
                 * @deprecated Use patina.sync.v1.Await.$Properties instead.
                 */

                /**
                 * Shape of an Await.
                 * @typedef {patina.sync.v1.Await.$Properties} patina.sync.v1.Await.$Shape
                 */

                /**
                 * Constructs a new Await.
                 * @memberof patina.sync.v1
                 * @classdesc Represents an Await.
                 * @constructor
                 * @param {patina.sync.v1.Await.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Await = function (properties) {
                    this.versions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Await versions.
                 * @member {Array.<number|Long>} versions
                 * @memberof patina.sync.v1.Await
                 * @instance
                 */
                Await.prototype.versions = $util.emptyArray;

                /**
                 * Encodes the specified Await message. Does not implicitly {@link patina.sync.v1.Await.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Await
                 * @static
                 * @param {patina.sync.v1.Await.$Properties} message Await message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Await.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.versions != null && message.versions.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).uint64s(message.versions);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes an Await message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Await
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Await & patina.sync.v1.Await.$Shape} Await
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Await.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Await();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType === 2) {
                                    if (!(message.versions && message.versions.length))
                                        message.versions = [];
                                    reader.uint64s(message.versions);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.versions && message.versions.length))
                                    message.versions = [];
                                message.versions.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Await;
            })();

            v1.Held = (function() {

                /**
                 * Properties of a Held.
                 * @typedef {Object} patina.sync.v1.Held.$Properties
                 * @property {Array.<number|Long>|null} [versions] Held versions
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Held.
                 * @memberof patina.sync.v1
                 * @interface IHeld
                 * @augments patina.sync.v1.Held.$Properties
                 * @deprecated Use patina.sync.v1.Held.$Properties instead.
                 */

                /**
                 * Shape of a Held.
                 * @typedef {patina.sync.v1.Held.$Properties} patina.sync.v1.Held.$Shape
                 */

                /**
                 * Constructs a new Held.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Held.
                 * @constructor
                 * @param {patina.sync.v1.Held.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Held = function (properties) {
                    this.versions = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Held versions.
                 * @member {Array.<number|Long>} versions
                 * @memberof patina.sync.v1.Held
                 * @instance
                 */
                Held.prototype.versions = $util.emptyArray;

                /**
                 * Encodes the specified Held message. Does not implicitly {@link patina.sync.v1.Held.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Held
                 * @static
                 * @param {patina.sync.v1.Held.$Properties} message Held message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Held.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.versions != null && message.versions.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).uint64s(message.versions);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Held message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Held
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Held & patina.sync.v1.Held.$Shape} Held
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Held.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Held();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType === 2) {
                                    if (!(message.versions && message.versions.length))
                                        message.versions = [];
                                    reader.uint64s(message.versions);
                                    continue;
                                }
                                if (wireType !== 0)
                                    break;
                                if (!(message.versions && message.versions.length))
                                    message.versions = [];
                                message.versions.push(reader.uint64());
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Held;
            })();

            v1.Heads = (function() {

                /**
                 * Properties of a Heads.
                 * @typedef {Object} patina.sync.v1.Heads.$Properties
                 * @property {Array.<patina.sync.v1.Head.$Properties>|null} [heads] Heads heads
                 * @property {Array.<patina.sync.v1.Fork.$Properties>|null} [forks] Heads forks
                 * @property {boolean|null} [isSettled] Heads isSettled
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Heads.
                 * @memberof patina.sync.v1
                 * @interface IHeads
                 * @augments patina.sync.v1.Heads.$Properties
                 * @deprecated Use patina.sync.v1.Heads.$Properties instead.
                 */

                /**
                 * Shape of a Heads.
                 * @typedef {patina.sync.v1.Heads.$Properties} patina.sync.v1.Heads.$Shape
                 */

                /**
                 * Constructs a new Heads.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Heads.
                 * @constructor
                 * @param {patina.sync.v1.Heads.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Heads = function (properties) {
                    this.heads = [];
                    this.forks = [];
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Heads heads.
                 * @member {Array.<patina.sync.v1.Head.$Properties>} heads
                 * @memberof patina.sync.v1.Heads
                 * @instance
                 */
                Heads.prototype.heads = $util.emptyArray;

                /**
                 * Heads forks.
                 * @member {Array.<patina.sync.v1.Fork.$Properties>} forks
                 * @memberof patina.sync.v1.Heads
                 * @instance
                 */
                Heads.prototype.forks = $util.emptyArray;

                /**
                 * Heads isSettled.
                 * @member {boolean} isSettled
                 * @memberof patina.sync.v1.Heads
                 * @instance
                 */
                Heads.prototype.isSettled = false;

                /**
                 * Encodes the specified Heads message. Does not implicitly {@link patina.sync.v1.Heads.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Heads
                 * @static
                 * @param {patina.sync.v1.Heads.$Properties} message Heads message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Heads.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.heads != null && message.heads.length)
                        for (let i = 0; i < message.heads.length; ++i)
                            $root.patina.sync.v1.Head.encode(message.heads[i], writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                    if (message.forks != null && message.forks.length)
                        for (let i = 0; i < message.forks.length; ++i)
                            $root.patina.sync.v1.Fork.encode(message.forks[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                    if (message.isSettled != null && $Object.hasOwnProperty.call(message, "isSettled") && message.isSettled !== false)
                        writer.uint32(/* id 3, wireType 0 =*/24).bool(message.isSettled);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Heads message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Heads
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Heads & patina.sync.v1.Heads.$Shape} Heads
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Heads.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Heads();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.heads && message.heads.length))
                                    message.heads = [];
                                message.heads.push($root.patina.sync.v1.Head.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 2: {
                                if (wireType !== 2)
                                    break;
                                if (!(message.forks && message.forks.length))
                                    message.forks = [];
                                message.forks.push($root.patina.sync.v1.Fork.decode(reader, reader.size(), $undefined, _depth + 1));
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.isSettled = value;
                                else
                                    delete message.isSettled;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Heads;
            })();

            v1.Head = (function() {

                /**
                 * Properties of a Head.
                 * @typedef {Object} patina.sync.v1.Head.$Properties
                 * @property {Uint8Array|null} [actor] Head actor
                 * @property {number|Long|null} [version] Head version
                 * @property {number|Long|null} [ts] Head ts
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Head.
                 * @memberof patina.sync.v1
                 * @interface IHead
                 * @augments patina.sync.v1.Head.$Properties
                 * @deprecated Use patina.sync.v1.Head.$Properties instead.
                 */

                /**
                 * Shape of a Head.
                 * @typedef {patina.sync.v1.Head.$Properties} patina.sync.v1.Head.$Shape
                 */

                /**
                 * Constructs a new Head.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Head.
                 * @constructor
                 * @param {patina.sync.v1.Head.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Head = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Head actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.sync.v1.Head
                 * @instance
                 */
                Head.prototype.actor = $util.newBuffer([]);

                /**
                 * Head version.
                 * @member {number|Long} version
                 * @memberof patina.sync.v1.Head
                 * @instance
                 */
                Head.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Head ts.
                 * @member {number|Long} ts
                 * @memberof patina.sync.v1.Head
                 * @instance
                 */
                Head.prototype.ts = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Encodes the specified Head message. Does not implicitly {@link patina.sync.v1.Head.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Head
                 * @static
                 * @param {patina.sync.v1.Head.$Properties} message Head message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Head.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                        writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.version);
                    if (message.ts != null && $Object.hasOwnProperty.call(message, "ts") && (typeof message.ts === "object" ? message.ts.low || message.ts.high : message.ts !== 0))
                        writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.ts);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Head message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Head
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Head & patina.sync.v1.Head.$Shape} Head
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Head.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Head();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.version = value;
                                else
                                    delete message.version;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.ts = value;
                                else
                                    delete message.ts;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Head;
            })();

            v1.Fork = (function() {

                /**
                 * Properties of a Fork.
                 * @typedef {Object} patina.sync.v1.Fork.$Properties
                 * @property {Uint8Array|null} [actor] Fork actor
                 * @property {boolean|null} [isRepairedHere] Fork isRepairedHere
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Fork.
                 * @memberof patina.sync.v1
                 * @interface IFork
                 * @augments patina.sync.v1.Fork.$Properties
                 * @deprecated Use patina.sync.v1.Fork.$Properties instead.
                 */

                /**
                 * Shape of a Fork.
                 * @typedef {patina.sync.v1.Fork.$Properties} patina.sync.v1.Fork.$Shape
                 */

                /**
                 * Constructs a new Fork.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Fork.
                 * @constructor
                 * @param {patina.sync.v1.Fork.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Fork = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Fork actor.
                 * @member {Uint8Array} actor
                 * @memberof patina.sync.v1.Fork
                 * @instance
                 */
                Fork.prototype.actor = $util.newBuffer([]);

                /**
                 * Fork isRepairedHere.
                 * @member {boolean} isRepairedHere
                 * @memberof patina.sync.v1.Fork
                 * @instance
                 */
                Fork.prototype.isRepairedHere = false;

                /**
                 * Encodes the specified Fork message. Does not implicitly {@link patina.sync.v1.Fork.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Fork
                 * @static
                 * @param {patina.sync.v1.Fork.$Properties} message Fork message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Fork.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.actor != null && $Object.hasOwnProperty.call(message, "actor") && message.actor.length)
                        writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.actor);
                    if (message.isRepairedHere != null && $Object.hasOwnProperty.call(message, "isRepairedHere") && message.isRepairedHere !== false)
                        writer.uint32(/* id 2, wireType 0 =*/16).bool(message.isRepairedHere);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Fork message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Fork
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Fork & patina.sync.v1.Fork.$Shape} Fork
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Fork.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Fork();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 2)
                                    break;
                                if ((value = reader.bytes()).length)
                                    message.actor = value;
                                else
                                    delete message.actor;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.bool())
                                    message.isRepairedHere = value;
                                else
                                    delete message.isRepairedHere;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Fork;
            })();

            v1.Pulse = (function() {

                /**
                 * Properties of a Pulse.
                 * @typedef {Object} patina.sync.v1.Pulse.$Properties
                 * @property {number|Long|null} [version] Pulse version
                 * @property {number|null} [sent] Pulse sent
                 * @property {number|null} [answers] Pulse answers
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */

                /**
                 * Properties of a Pulse.
                 * @memberof patina.sync.v1
                 * @interface IPulse
                 * @augments patina.sync.v1.Pulse.$Properties
                 * @deprecated Use patina.sync.v1.Pulse.$Properties instead.
                 */

                /**
                 * Shape of a Pulse.
                 * @typedef {patina.sync.v1.Pulse.$Properties} patina.sync.v1.Pulse.$Shape
                 */

                /**
                 * Constructs a new Pulse.
                 * @memberof patina.sync.v1
                 * @classdesc Represents a Pulse.
                 * @constructor
                 * @param {patina.sync.v1.Pulse.$Properties=} [properties] Properties to set
                 * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
                 */
                const Pulse = function (properties) {
                    if (properties)
                        for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                            if (properties[keys[i]] != null && keys[i] !== "__proto__")
                                this[keys[i]] = properties[keys[i]];
                };

                /**
                 * Pulse version.
                 * @member {number|Long} version
                 * @memberof patina.sync.v1.Pulse
                 * @instance
                 */
                Pulse.prototype.version = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

                /**
                 * Pulse sent.
                 * @member {number} sent
                 * @memberof patina.sync.v1.Pulse
                 * @instance
                 */
                Pulse.prototype.sent = 0;

                /**
                 * Pulse answers.
                 * @member {number} answers
                 * @memberof patina.sync.v1.Pulse
                 * @instance
                 */
                Pulse.prototype.answers = 0;

                /**
                 * Encodes the specified Pulse message. Does not implicitly {@link patina.sync.v1.Pulse.verify|verify} messages.
                 * @function encode
                 * @memberof patina.sync.v1.Pulse
                 * @static
                 * @param {patina.sync.v1.Pulse.$Properties} message Pulse message or plain object to encode
                 * @param {$protobuf.Writer} [writer] Writer to encode to
                 * @returns {$protobuf.Writer} Writer
                 */
                Pulse.encode = function (message, writer, _depth) {
                    if (!writer)
                        writer = $Writer.create();
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $util.recursionLimit)
                        throw $Error("max depth exceeded");
                    if (message.version != null && $Object.hasOwnProperty.call(message, "version") && (typeof message.version === "object" ? message.version.low || message.version.high : message.version !== 0))
                        writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.version);
                    if (message.sent != null && $Object.hasOwnProperty.call(message, "sent") && message.sent !== 0)
                        writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.sent);
                    if (message.answers != null && $Object.hasOwnProperty.call(message, "answers") && message.answers !== 0)
                        writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.answers);
                    if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                        for (let i = 0; i < message.$unknowns.length; ++i)
                            writer.raw(message.$unknowns[i]);
                    return writer;
                };

                /**
                 * Decodes a Pulse message from the specified reader or buffer.
                 * @function decode
                 * @memberof patina.sync.v1.Pulse
                 * @static
                 * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
                 * @param {number} [length] Message length if known beforehand
                 * @returns {patina.sync.v1.Pulse & patina.sync.v1.Pulse.$Shape} Pulse
                 * @throws {Error} If the payload is not a reader or valid buffer
                 * @throws {$protobuf.util.ProtocolError} If required fields are missing
                 */
                Pulse.decode = function (reader, length, _end, _depth, _target) {
                    if (!(reader instanceof $Reader))
                        reader = $Reader.create(reader);
                    if (_depth === $undefined)
                        _depth = 0;
                    if (_depth > $Reader.recursionLimit)
                        throw $Error("max depth exceeded");
                    let end, message, value;
                    if (length === $undefined)
                        end = reader.len;
                    else {
                        end = reader.pos + length;
                        if (end > reader.len)
                            throw $RangeError("index out of range");
                        length = reader.len;
                        reader.len = end;
                    }
                    message = _target || new $root.patina.sync.v1.Pulse();
                    while (reader.pos < end) {
                        let start = reader.pos;
                        let tag = reader.tag();
                        if (tag === _end) {
                            _end = $undefined;
                            break;
                        }
                        let wireType = tag & 7;
                        switch (tag >>>= 3) {
                        case 1: {
                                if (wireType !== 0)
                                    break;
                                if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                    message.version = value;
                                else
                                    delete message.version;
                                continue;
                            }
                        case 2: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.sent = value;
                                else
                                    delete message.sent;
                                continue;
                            }
                        case 3: {
                                if (wireType !== 0)
                                    break;
                                if (value = reader.uint32())
                                    message.answers = value;
                                else
                                    delete message.answers;
                                continue;
                            }
                        }
                        reader.skipType(wireType, _depth, tag);
                        if (!reader.discardUnknown) {
                            $util.makeProp(message, "$unknowns", false);
                            (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                        }
                    }
                    if (length !== $undefined) {
                        if (reader.pos !== end)
                            throw $RangeError("index out of range");
                        reader.len = length;
                    }
                    if (_end !== $undefined)
                        throw $Error("missing end group");
                    return message;
                };

                return Pulse;
            })();

            return v1;
        })();

        return sync;
    })();

    return patina;
})();

export {
  $root as default
};
