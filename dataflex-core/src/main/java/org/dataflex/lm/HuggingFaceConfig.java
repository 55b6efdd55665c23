package org.dataflex.lm;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.dataflex.checkpoint.JsonFault;
import org.dataflex.model.UnsupportedModelException;

/**
 * What the {@code config.json} of a Hugging Face model directory says about a decoder.
 *
 * <p>Read are the files of transformers 4 and 5, which differ in where {@code rope_theta} and the
 * data type are; written is the form of 4, which both read, and others than transformers too.
 *
 * @param family the architecture
 * @param decoder the sizes
 * @param dataType in which the weights are stored, such as "bfloat16"; "float32" if not said
 * @param bosTokenId the token that begins a text, or null
 * @param eosTokenIds the tokens that end a text, perhaps none
 * @param padTokenId the token that fills up a batch, or null
 */
public record HuggingFaceConfig(
        ModelFamily family,
        DecoderConfig decoder,
        String dataType,
        Integer bosTokenId,
        List<Integer> eosTokenIds,
        Integer padTokenId) {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String EOS = "eos_token_id";

    /** Copies the list. */
    public HuggingFaceConfig {
        eosTokenIds = List.copyOf(eosTokenIds);
    }

    /**
     * Describes a decoder that was made here.
     *
     * @param decoder the sizes
     * @return its configuration in float32, without special tokens
     * @throws UnsupportedModelException if no family has what the decoder has
     */
    public static HuggingFaceConfig of(DecoderConfig decoder) {
        ModelFamily family = ModelFamily.of(decoder);
        return new HuggingFaceConfig(family, decoder, "float32", null, List.of(), null);
    }

    /**
     * Reads a {@code config.json}.
     *
     * @param file the file
     * @return what it says
     * @throws IOException if it cannot be read or is no JSON object
     * @throws UnsupportedModelException if {@link CausalLm} cannot compute what it describes; the
     *     message names the file and has a line for each setting
     */
    public static HuggingFaceConfig read(Path file) throws IOException {
        return HuggingFaceConfigReader.read(file, object(file));
    }

    private static JsonNode object(Path file) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(Files.readString(file));
        } catch (NoSuchFileException e) {
            throw new IOException(
                    file + " is not there; name a model directory as transformers saves it", e);
        } catch (JsonProcessingException e) {
            throw new IOException(file + " is no JSON: " + JsonFault.withLine(e), e);
        } catch (CharacterCodingException e) {
            throw new IOException(file + " is not UTF-8; get the file anew", e);
        }
        if (!json.isObject()) {
            throw new IOException(file + " holds no JSON object");
        }
        return json;
    }

    /**
     * Returns the tokens at which an answer ends, as transformers generates: {@code eos_token_id}
     * of the model's {@code generation_config.json}, or where that is not there, {@link
     * #eosTokenIds}.
     *
     * @param directory the model's
     * @return token ids, perhaps none
     * @throws IOException if the file cannot be read, is no JSON object, or names no token ids of
     *     the model; says which
     */
    public Set<Integer> stopTokenIds(Path directory) throws IOException {
        Path file = directory.resolve("generation_config.json");
        JsonNode ids = Files.exists(file) ? object(file).path(EOS) : JSON.missingNode();
        if (ids.isMissingNode() || ids.isNull()) {
            return new TreeSet<>(eosTokenIds);
        }
        Set<Integer> stops = new TreeSet<>();
        for (JsonNode id : ids.isArray() ? ids : List.of(ids)) {
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= decoder.vocabularySize()) {
                throw new IOException(
                        "%s: %s has %s, must be token ids in [0, %d)"
                                .formatted(file, EOS, id, decoder.vocabularySize()));
            }
            stops.add(id.intValue());
        }
        return stops;
    }

    /**
     * Writes a {@code config.json}.
     *
     * @param file the file, replaced if it exists
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(toJson());
        Files.writeString(file, text + "\n");
    }

    private ObjectNode toJson() {
        ObjectNode json = JSON.createObjectNode();
        json.putArray("architectures").add(family.architecture());
        json.put("model_type", family.modelType());
        json.put("torch_dtype", dataType);
        json.put("vocab_size", decoder.vocabularySize());
        json.put("hidden_size", decoder.hiddenSize());
        putMlp(json);
        json.put("num_hidden_layers", decoder.numLayers());
        json.put("num_attention_heads", decoder.numHeads());
        json.put("num_key_value_heads", decoder.numKeyValueHeads());
        json.put("head_dim", decoder.headSize());
        json.put("hidden_act", "silu");
        json.put("max_position_embeddings", decoder.maxPositions());
        json.put("rms_norm_eps", decoder.rmsNormEps());
        json.put("tie_word_embeddings", decoder.tieWordEmbeddings());
        putPositions(json);
        putWindow(json);
        putTokens(json);
        return json;
    }

    private void putMlp(ObjectNode json) {
        ExpertConfig experts = decoder.experts();
        boolean isMixtral = family == ModelFamily.MIXTRAL;
        json.put(
                "intermediate_size", isMixtral ? experts.expertSize() : decoder.intermediateSize());
        if (experts == null) {
            return;
        }
        json.put(isMixtral ? "num_local_experts" : "num_experts", experts.numExperts());
        json.put("num_experts_per_tok", experts.expertsPerToken());
        if (!isMixtral) {
            json.put("moe_intermediate_size", experts.expertSize());
            json.put("norm_topk_prob", experts.normalised());
            json.put("decoder_sparse_step", 1);
            json.putArray("mlp_only_layers");
        }
        if (experts.sharedSize() > 0) {
            json.put("shared_expert_intermediate_size", experts.sharedSize());
        }
    }

    private void putPositions(ObjectNode json) {
        json.put("rope_theta", decoder.ropeTheta());
        RopeScaling scaling = decoder.ropeScaling();
        if (scaling == null) {
            json.putNull("rope_scaling");
            return;
        }
        json.putObject("rope_scaling")
                .put("rope_type", "llama3")
                .put("factor", scaling.factor())
                .put("low_freq_factor", scaling.lowFrequencyFactor())
                .put("high_freq_factor", scaling.highFrequencyFactor())
                .put("original_max_position_embeddings", scaling.originalMaxPositions());
    }

    private void putWindow(ObjectNode json) {
        boolean slides = decoder.slidingWindow() > 0;
        if (family == ModelFamily.LLAMA) {
            return;
        }
        json.put("sliding_window", slides ? decoder.slidingWindow() : null);
        if (family != ModelFamily.MISTRAL && family != ModelFamily.MIXTRAL) {
            json.put("use_sliding_window", slides);
            json.put("max_window_layers", slides ? 0 : decoder.numLayers());
        }
    }

    private void putTokens(ObjectNode json) {
        json.put("bos_token_id", bosTokenId);
        if (eosTokenIds.size() > 1) {
            ArrayNode ids = json.putArray(EOS);
            eosTokenIds.forEach(ids::add);
        } else {
            json.put(EOS, eosTokenIds.isEmpty() ? null : eosTokenIds.get(0));
        }
        json.put("pad_token_id", padTokenId);
    }
}
